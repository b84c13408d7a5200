# Images and the cluster: see docs/operations.md.
CONTAINER_TOOL ?= docker
CONTAINER_BUILD_FLAGS ?=
REGISTRY ?= localhost:5000
# Docker takes a registry on this machine to be plain HTTP; podman wants to be told.
LOCAL_REGISTRY := $(filter localhost:% 127.0.0.1:%,$(REGISTRY))
CONTAINER_PUSH_FLAGS ?= $(if $(LOCAL_REGISTRY),$(if $(filter podman,$(notdir $(CONTAINER_TOOL))),--tls-verify=false))
OVERLAY ?= local
NAMESPACE ?= $(if $(filter eks,$(OVERLAY)),oncology,default)
tag ?= $(REGISTRY)/oncology-webservice
team_label ?= oncology
version ?= $(shell git describe --tags --always --dirty)

WITH_IMAGES = CONTAINER_TOOL="$(CONTAINER_TOOL)" CONTAINER_BUILD_FLAGS="$(CONTAINER_BUILD_FLAGS)" \
	CONTAINER_PUSH_FLAGS="$(CONTAINER_PUSH_FLAGS)" REGISTRY="$(REGISTRY)" VERSION="$(version)" \
	WITH_ESTIMATOR="$(WITH_ESTIMATOR)" WITH_GRANIAN="$(WITH_GRANIAN)"
WITH_CLUSTER = OVERLAY="$(OVERLAY)" NAMESPACE="$(NAMESPACE)" REGISTRY="$(REGISTRY)" TAG="$(tag)" VERSION="$(version)" \
	TEAM="$(team_label)" CONTEXT="$(CONTEXT)" YES="$(YES)" DEPLOY_TIMEOUT="$(DEPLOY_TIMEOUT)"

.PHONY: images
images: ## build both images (CONTAINER_TOOL=docker, WITH_ESTIMATOR=1, WITH_GRANIAN=1)
	@$(WITH_IMAGES) make/images build

.PHONY: publish
publish: ## tag both images and push them to REGISTRY
	@$(BEFORE_PUBLISH) $(WITH_IMAGES) make/images publish

.PHONY: deploy
deploy: publish ## deploy version to the cluster of KUBECONFIG, or roll back (OVERLAY=local, YES=1)
	@$(WITH_CLUSTER) k8s/ship deploy

# Whoever deploys is asked before anything is pushed.
deploy: BEFORE_PUBLISH = $(WITH_CLUSTER) k8s/ship confirm &&

.PHONY: undeploy
undeploy: ## remove the service and the trainer from the cluster
	@$(WITH_CLUSTER) k8s/ship undeploy

.PHONY: train.job
train.job: ## run the training Job in the cluster, follow its log, exit with its status
	@$(WITH_CLUSTER) k8s/ship train

.PHONY: test.images
test.images: $(MODEL) ## build the images and try them out (CONTAINER_TOOL, CONTAINER_BUILD_FLAGS)
	CONTAINER_TOOL="$(CONTAINER_TOOL)" CONTAINER_BUILD_FLAGS="$(CONTAINER_BUILD_FLAGS)" \
		$(VENV)/python -m pytest -m images -rs --capture=no tests/deployment

.PHONY: test.cluster
test.cluster: $(MODEL) ## train, deploy, roll out and break things in the cluster of KUBECONFIG, under load
	CONTAINER_TOOL="$(CONTAINER_TOOL)" CONTAINER_BUILD_FLAGS="$(CONTAINER_BUILD_FLAGS)" REGISTRY="$(REGISTRY)" \
		$(VENV)/python -m pytest -m cluster -rs --capture=no tests/deployment

.PHONY: lint.k8s
lint.k8s: $(INSTALLED) ## validate the Dockerfiles and every Kubernetes manifest
	$(VENV)/hadolint Dockerfile.*
	$(VENV)/python k8s/validate.py
