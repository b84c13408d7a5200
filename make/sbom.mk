# The bill of materials of each image: the packages that its Dockerfile installs, by the same command from the same lock.
SBOM := build/sbom
sbom.webservice: CATEGORIES_OF_IMAGE = packages webservice tracing $(if $(WITH_ESTIMATOR),estimator) $(if $(WITH_GRANIAN),granian)
sbom.trainer: CATEGORIES_OF_IMAGE = packages estimator scale trainer

.PHONY: sbom
sbom: sbom.webservice sbom.trainer ## write what is in both images as CycloneDX, validated, to build/sbom

.PHONY: sbom.webservice sbom.trainer
sbom.webservice sbom.trainer: sbom.%: $(INSTALLED)
	@mkdir -p $(SBOM)
	@printf '[project]\nname = "oncology-%s"\nversion = "%s"\n' '$*' '$(version)' >$(SBOM)/$*.toml
	@.pipenv/bin/pipenv requirements --hash --categories "$(strip $(CATEGORIES_OF_IMAGE))" | sed '/^-i /d' >$(SBOM)/$*.txt
	@PYTHONWARNINGS=ignore $(VENV)/cyclonedx-py requirements --validate --output-reproducible --pyproject $(SBOM)/$*.toml \
		--output-file $(SBOM)/oncology-$*.json $(SBOM)/$*.txt
	@rm $(SBOM)/$*.toml $(SBOM)/$*.txt
	@echo "$(SBOM)/oncology-$*.json"
