.PHONY: key
key: need.NAME $(INSTALLED) ## make a key that opens the service (NAME=clinic-a); the line for its file goes to standard output
	@$(VENV)/python -m webservice.keys "$(NAME)"
