// One good and one wrong request, with types made from /openapi.json.
import createClient from "openapi-fetch";
import type { components, paths } from "./service.js";

declare const process: { argv: [string, string, string] };

const tumor: components["schemas"]["Tumor"] = {
  clump_thickness: 4,
  uniformity_of_cell_size: 1,
  uniformity_of_cell_shape: 2,
  marginal_adhesion: 1,
  single_epithelial_cell_size: 2,
  bare_nuclei: null,
  bland_chromatin: 1,
  normal_nucleoli: 1,
  mitoses: 1,
};

// @ts-expect-error - only bare nuclei may be missing, and the compiler knows
tumor.mitoses satisfies null;

const client = createClient<paths>({ baseUrl: process.argv[2] });

const good = await client.POST("/predict", { params: { query: { explain: true } }, body: tumor });
const prediction: "benign" | "malignant" | undefined = good.data?.prediction;
const contributions: Record<string, number> | undefined = good.data?.contributions;

const bad = await client.POST("/predict", { body: { ...tumor, mitoses: 11 } });
const errors: { field: string; message: string }[] | undefined = bad.error?.errors;

console.log(JSON.stringify({ prediction, contributions, status: bad.error?.status, errors }));
