.PHONY: bench
bench: $(MODEL) ## measure the same classifier behind this service and its peers (BENCH_OPTIONS=--quick: does it work?)
	$(VENV)/python -m benchmarks $(BENCH_OPTIONS)

.PHONY: bench.request
bench.request: $(MODEL) ## measure what a request costs inside the application, layer by layer
	$(VENV)/python -m benchmarks.request

.PHONY: bench.setups
bench.setups: $(MODEL) ## measure gunicorn and granian in the ways in which they can be set up
	$(VENV)/python -m benchmarks.setups

.PHONY: bench.scorecard
bench.scorecard: $(MODEL) ## measure one process: the scorecard beside the estimator it was derived from
	$(VENV)/python -m benchmarks.scorecard
