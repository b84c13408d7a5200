"""One good and one wrong request, with a client that is made from /openapi.json."""

import json
import sys

from oncology_client import Client
from oncology_client.api.predictions import predict
from oncology_client.models import Answer, Tumor, WrongFields

tumor = Tumor(
    clump_thickness=4,
    uniformity_of_cell_size=1,
    uniformity_of_cell_shape=2,
    marginal_adhesion=1,
    single_epithelial_cell_size=2,
    bare_nuclei=None,
    bland_chromatin=1,
    normal_nucleoli=1,
    mitoses=1,
)

with Client(sys.argv[1]) as client:
    good = predict.sync(client=client, body=tumor, explain=True)
    tumor.mitoses = 11
    bad = predict.sync(client=client, body=tumor)

assert isinstance(good, Answer)
assert isinstance(bad, WrongFields)
errors = [error.to_dict() for error in bad.errors or []]
contributions = good.contributions.to_dict() if good.contributions else None
print(
    json.dumps({"prediction": good.prediction, "contributions": contributions, "status": bad.status, "errors": errors})
)
