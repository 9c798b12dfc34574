// The server to try things out at is the one that this page is from: a proxy may put something
// before our paths and not tell us.
const where = new URL("../openapi.json", location.href);
const server = new URL(".", where).href.replace(/\/$/, "");
const here = (answer) => {
  if (answer.url === where.href && answer.ok) {
    answer.text = JSON.stringify({ ...JSON.parse(answer.text), servers: [{ url: server }] });
  }
  return answer;
};

// validatorUrl: a badge from another host is not wanted.
SwaggerUIBundle({
  url: "../openapi.json",
  responseInterceptor: here,
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  showCommonExtensions: true, // the bounds of parameters
});
