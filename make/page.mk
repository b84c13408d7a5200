.PHONY: test.page
test.page: $(MODEL) ## try the page at / in Debian's chromium, and let axe-core look at it
	$(VENV)/python -m pytest -m page -rs tests/page
