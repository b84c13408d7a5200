.PHONY: bench
bench: $(MODEL) ## measure the same classifier behind this service and its peers (BENCH_OPTIONS=--quick: does it work?)
	@command -v wrk >/dev/null || { echo "wrk is needed: apt-get install wrk" >&2; exit 1; }
	$(VENV)/python -m benchmarks $(BENCH_OPTIONS)

.PHONY: bench.scorecard
bench.scorecard: $(MODEL) ## measure one process: the scorecard beside the estimator it was derived from
	$(VENV)/python -m benchmarks.scorecard
