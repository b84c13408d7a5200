# Files of any size, and a Dask cluster: see docs/scale.md.
.PHONY: test.distributed
test.distributed: $(MODEL) ## score and train on a Dask cluster on this machine, kill a worker, fill a disk
	$(VENV)/python -m pytest -m distributed -rs tests/distributed

.PHONY: bench.score
bench.score: $(MODEL) ## measure scoring against reading and writing alone, on one core, two, and a cluster
	$(VENV)/python -m benchmarks.scoring
