# The same images on managed services: see docs/managed.md.
.PHONY: sagemaker
sagemaker: need.MODELS_BUCKET need.IMAGE_URI ## make the SageMaker endpoint (IMAGE_URI, MODEL_URI=s3://…/model.tar.gz)
	$(STACK) --capabilities CAPABILITY_IAM \
		--parameter-overrides Image=$(IMAGE_URI) ModelUri=$(MODEL_URI) ModelsBucket=$(MODELS_BUCKET)

.PHONY: test.managed
test.managed: $(MODEL) ## build the images and start them as SageMaker and KServe would (CONTAINER_TOOL, CONTAINER_BUILD_FLAGS)
	CONTAINER_TOOL="$(CONTAINER_TOOL)" CONTAINER_BUILD_FLAGS="$(CONTAINER_BUILD_FLAGS)" \
		$(VENV)/python -m pytest -m managed -rs --capture=no tests/managed
