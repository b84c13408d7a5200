# What the trainer says of the model, for people; build/training/report.html comes with every training.
.PHONY: model-card
model-card: $(MODEL) ## write docs/model-card.md from the trained artifact
	$(VENV)/python -m oncology_model model --card > docs/model-card.md
