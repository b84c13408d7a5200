# What breaks the service, what watches it: see docs/operations.md.
RULES := docs/monitoring/rules.yaml
PROMETHEUS_RULE := k8s/components/monitoring/prometheusrule.yaml

.PHONY: rules
rules: ## give the Prometheus operator the rules of docs/monitoring/rules.yaml
	@{ printf '%s\n' '# For the Prometheus operator: made of $(RULES) by `make rules`.' 'apiVersion: monitoring.coreos.com/v1' \
		'kind: PrometheusRule' 'metadata:' '  name: oncology-webservice' '  labels: {app: oncology-webservice}' 'spec:'; \
		sed -e '/^#/d' -e 's/^./  &/' $(RULES); } > $(PROMETHEUS_RULE)

.PHONY: lint.rules
lint.rules: ## check and test the Prometheus rules
	@if command -v promtool >/dev/null; then promtool check rules $(RULES) && promtool test rules tests/alarms/*.test.yaml; \
	else echo "promtool is not installed (Debian: prometheus): the Prometheus rules were not checked"; fi

lint: lint.rules

.PHONY: test.reliability
test.reliability: $(MODEL) ## load, starve, kill and scrape real processes, for eight minutes (SOAK_SECONDS=120)
	$(VENV)/python -m pytest -m reliability -rs --capture=no tests

.PHONY: test.fuzz
test.fuzz: $(MODEL) ## send thousands of requests, read thousands of bodies and tables (FUZZ_SECONDS=20)
	$(VENV)/python -m pytest -m fuzz -rs --capture=no tests/fuzz
