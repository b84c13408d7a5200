// Starts the Swagger UI. It is of a version that reads Swagger 2.0 and OpenAPI 3.0, not 3.1.
SwaggerUIBundle({
  url: document.getElementById("swagger-ui").dataset.document,
  dom_id: "#swagger-ui",
  docExpansion: "list", // else people see three words and nothing to click
  validatorUrl: null, // a badge from another host
});
