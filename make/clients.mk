.PHONY: test.clients
test.clients: $(MODEL) ## generate clients, run the examples and the notebook, open the documentation in a browser
	$(VENV)/python -m pytest -m clients -rs tests/clients
