"""The routes: one family a module, its documentation beside its handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webservice.routes import batch, health, model, open_inference, predict, sagemaker

if TYPE_CHECKING:
    from webservice.api import Api


def register(api: Api) -> None:
    """Add all routes to ``api``, in the order of the documentation."""
    for family in (predict, batch, model, health, open_inference, sagemaker):
        api.add_namespace(family.routes)
