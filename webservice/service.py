"""What the routes call: one classifier, and whether it can be relied on."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Final

from oncology_model import ArtifactError, Classifier, Tumor
from webservice.tally import Tally

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from oncology_model import Assessment, Assessments
    from webservice.settings import Settings

EXAMPLE: Final = Tumor(
    clump_thickness=4,
    uniformity_of_cell_size=1,
    uniformity_of_cell_shape=2,
    marginal_adhesion=1,
    single_epithelial_cell_size=2,
    bare_nuclei=1,
    bland_chromatin=1,
    normal_nucleoli=1,
    mitoses=1,
)
"""The tumour that the documentation shows and the service tries first."""


class Service:
    """Serves one classifier. It is not ready until :meth:`warm_up`, and no longer after :meth:`drain`.

    Args:
        classifier: answers; its artifact is verified by then.
    """

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self.tally: Final = Tally()
        """Counts the predictions."""
        self.facts: Final = classifier.manifest
        """What the manifest says, to be looked up."""
        self.training_distribution: Final = classifier.manifest.training_distribution
        """See :class:`oncology_model.manifest.Manifest`."""
        self.model_version: Final = classifier.manifest.model_version
        self.digest: Final = classifier.digest
        """SHA-256 of the artifact's ``manifest.json``."""
        self.manifest: Final = classifier.manifest.to_json().encode()
        """The content of ``manifest.json``."""
        self._ready = False
        # One byte that this process shares with the workers that are forked from it.
        self._draining = mmap.mmap(-1, 1)

    @classmethod
    def load(cls, settings: Settings) -> Service:
        """A service that is ready.

        Raises:
            ArtifactError: the artifact must not or cannot be used.
        """
        service = cls(Classifier(settings.model_dir, digest=settings.model_digest))
        service.warm_up()
        return service

    @property
    def ready(self) -> bool:
        """Whether requests should be sent here: a real prediction came out, and it has not been told to stop."""
        return self._ready and not self.draining

    @property
    def draining(self) -> bool:
        """Whether it has been told to stop, in this process or in the one that it was forked from."""
        return self._draining[0] != 0

    def warm_up(self) -> None:
        """Make a real prediction, and be ready.

        Raises:
            ArtifactError: no prediction comes out.
        """
        try:
            self._classifier.predict(EXAMPLE)
        except Exception as error:
            raise ArtifactError(
                f"the model {self.model_version} was loaded and cannot predict ({type(error).__name__}): train again"
            ) from error
        self._ready = True

    def drain(self) -> None:
        """Ask for no more requests, those that come being answered all the same."""
        self._draining[0] = 1

    def assess(self, tumor: Tumor, *, explain: bool) -> Assessment:
        """Classify one tumour.

        Raises:
            NoExplanationError: with ``explain``, where the model is not additive.
        """
        assessment = self._classifier.assess(tumor, explain=explain)
        self.tally.add(tumor, assessment)
        return assessment

    def assess_many(self, tumors: ArrayLike, *, explain: bool) -> Assessments:
        """Classify n valid tumours.

        Raises:
            NoExplanationError: with ``explain``, where the model is not additive.
        """
        assessments = self._classifier.assess_many(tumors, explain=explain)
        self.tally.add_many(tumors, assessments)
        return assessments
