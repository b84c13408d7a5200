# AWS and the package repository: see docs/aws.md. Credentials come from the environment, never from here.
AWS ?= aws
CLUSTER_NAME ?= oncology
TEMPLATES ?= aws
BUILD_NUMBER ?= $(shell git rev-list --count HEAD)
PACKAGE_VERSION = $(shell sed -n 's/^__version__ = "\([0-9]*\.[0-9]*\)\..*/\1/p' oncology_model/__init__.py).$(BUILD_NUMBER)
# Where the KPIs of all versions are: a bucket's URL, or a folder.
HISTORY ?= $(addprefix s3://,$(METRICS_BUCKET))
BENCHMARKS ?= $(wildcard benchmarks/results.json)

NEEDED_FOR_HISTORY := give METRICS_BUCKET, or HISTORY as a folder, in the environment or after make …
BUCKETS = DataBucket=$(DATA_BUCKET) ModelsBucket=$(MODELS_BUCKET) MetricsBucket=$(METRICS_BUCKET) PackagesBucket=$(PACKAGES_BUCKET)
STACK = $(AWS) cloudformation deploy --no-fail-on-empty-changeset --template-file $(TEMPLATES)/$@.yaml --stack-name oncology-$@

.PHONY: upload.data
upload.data: need.DATA_BUCKET $(INSTALLED) ## copy the training data to DATA_BUCKET
	@$(VENV)/python -m storage put $(DATA) s3://$(DATA_BUCKET)/$(notdir $(DATA))

.PHONY: upload.model
upload.model: need.MODELS_BUCKET $(MODEL) ## copy the artifact to MODELS_BUCKET, under its version, never overwritten
	@$(VENV)/python -m storage put-model $(dir $(MODEL)) s3://$(MODELS_BUCKET)/oncology-model

.PHONY: download.model
download.model: need.MODEL_URL $(INSTALLED) ## fetch and verify the artifact at MODEL_URL, in place of the one here
	@$(VENV)/python -m storage get-model $(MODEL_URL) $(dir $(MODEL))

.PHONY: upload.monitoring
upload.monitoring: export PYTEST_ADDOPTS += --cov=oncology_model --cov=storage --cov=trainer --cov=webservice \
	--cov-report=json:build/coverage.json --junit-xml=build/tests.xml
upload.monitoring: need.HISTORY test ## add this version's KPIs to METRICS_BUCKET, for QuickSight and make report
	@$(VENV)/python -m monitoring record $(HISTORY) --version $(PACKAGE_VERSION) --commit $$(git rev-parse HEAD) \
		--metrics $(REPORTS)/metrics.json --manifest $(MODEL) --coverage build/coverage.json --tests build/tests.xml \
		$(addprefix --benchmarks ,$(BENCHMARKS))

.PHONY: report
report: need.HISTORY $(INSTALLED) ## show the KPIs of all versions in build/kpis.html (METRICS_BUCKET, or HISTORY)
	@$(VENV)/python -m monitoring report $(HISTORY) build/kpis.html

.PHONY: upload.package
upload.package: need.PACKAGE_REPOSITORY_URL $(MODEL) ## publish the wheel as x.y.BUILD_NUMBER to PACKAGE_REPOSITORY_URL
	rm -rf build/package && mkdir -p build/package
	cp -r pyproject.toml README.md LICENSE oncology_model build/package
	sed -i 's/^__version__ = .*/__version__ = "$(PACKAGE_VERSION)"/' build/package/oncology_model/__init__.py
	$(VENV)/python -m build --wheel --no-isolation --outdir build/package/dist build/package
	@$(VENV)/twine upload --non-interactive --disable-progress-bar --repository-url $(PACKAGE_REPOSITORY_URL) \
		build/package/dist/*.whl || { echo "Not published: a 400 or 409 above means that $(PACKAGE_VERSION) exists already:" \
		"choose another BUILD_NUMBER; a 401 or 403, that TWINE_USERNAME or TWINE_PASSWORD is wrong" >&2; exit 1; }

.PHONY: storage
storage: need.DATA_BUCKET need.MODELS_BUCKET need.METRICS_BUCKET need.PACKAGES_BUCKET ## make buckets and image repositories
	$(STACK) --parameter-overrides $(BUCKETS)

.PHONY: cluster
cluster: need.DATA_BUCKET need.MODELS_BUCKET need.METRICS_BUCKET need.PACKAGES_BUCKET need.API_CIDR ## make the EKS cluster
	$(STACK) --capabilities CAPABILITY_NAMED_IAM \
		--parameter-overrides ClusterName=$(CLUSTER_NAME) ApiAccessCidr=$(API_CIDR) $(BUCKETS)

.PHONY: reporting
reporting: need.METRICS_BUCKET need.QUICKSIGHT_PRINCIPAL $(INSTALLED) ## make the QuickSight analysis and dashboard
	@$(VENV)/python -m monitoring manifest s3://$(METRICS_BUCKET)
	$(STACK) --capabilities CAPABILITY_IAM \
		--parameter-overrides MetricsBucket=$(METRICS_BUCKET) QuickSightPrincipal=$(QUICKSIGHT_PRINCIPAL)

.PHONY: kubeconfig
kubeconfig: ## let kubectl talk to the EKS cluster (CLUSTER_NAME=oncology)
	$(AWS) eks update-kubeconfig --name $(CLUSTER_NAME)

# Repositories in ECR are made by `make storage` and by nothing else: a push to another name fails.
ECR = $(findstring .dkr.ecr.,$(REGISTRY))
.PHONY: registry.login
registry.login: ## log in to REGISTRY, if it is in ECR
	@$(if $(ECR),$(AWS) ecr get-login-password | $(CONTAINER_TOOL) login --username AWS --password-stdin $(REGISTRY))

publish: registry.login

.PHONY: nexus
nexus: need.AWS_ACCOUNT_ID ## run Nexus Repository in the cluster of KUBECONFIG
	kubectl kustomize k8s/nexus | sed 's/$${AWS_ACCOUNT_ID}/$(AWS_ACCOUNT_ID)/' | kubectl apply -f -

# What k8s/ship fills in there.
ifeq ($(OVERLAY),eks)
deploy train.job undeploy: need.AWS_ACCOUNT_ID need.DATA_BUCKET need.MODELS_BUCKET need.METRICS_BUCKET
endif

.PHONY: test.aws
test.aws: $(MODEL) ## run every verb above against servers of S3, AWS, packages and images on this machine
	$(VENV)/python -m pytest -m aws -rs tests/aws tests/storage

.PHONY: lint.aws
lint.aws: $(INSTALLED) ## check the CloudFormation templates
	$(VENV)/cfn-lint $(TEMPLATES)/*.yaml

lint: lint.aws

need.%:
	@test -n "$($*)" || { echo "$* is not set: $(or $(NEEDED_FOR_$*),give it in the environment or after make …)" >&2; exit 1; }
