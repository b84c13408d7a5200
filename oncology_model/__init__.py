"""Classify breast tumours, benign or malignant, from nine cytology grades."""

from oncology_model.artifact import ArtifactError
from oncology_model.classifier import Assessments, Classifier, NoExplanationError
from oncology_model.datamodel import FEATURES, Assessment, Prediction, Tumor
from oncology_model.grades import InvalidGradesError

__version__ = "0.1.0"

__all__ = [
    "FEATURES",
    "ArtifactError",
    "Assessment",
    "Assessments",
    "Classifier",
    "InvalidGradesError",
    "NoExplanationError",
    "Prediction",
    "Tumor",
    "__version__",
]
