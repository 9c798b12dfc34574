// validatorUrl: a badge from another host is not wanted.
SwaggerUIBundle({
  url: "../openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  showCommonExtensions: true, // the bounds of parameters
});
