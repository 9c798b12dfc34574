// Shows ../asyncapi.json for reading: each channel, what may be sent there, what comes back.

const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};
const show = (tag, text) => element(tag, { textContent: text });
const last = (reference) => reference.split("/").pop();

const where = new URL("../asyncapi.json", location.href); // whatever a proxy puts before our paths

// The description is prose, with code between backticks and links, and one table, in Markdown.
const linked = (text) =>
  text.split(/(\[[^\]]*\]\([^)]*\))/).map((part) => {
    const [, textContent, href] = part.match(/^\[(.*)\]\((.*)\)$/) ?? [];
    return href ? element("a", { textContent, href: new URL(href, where).href }) : part;
  });
const coded = (text, other) => text.split("`").flatMap((part, n) => (n % 2 ? show("code", part) : other(part)));
const prose = (tag, text) => element(tag, {}, ...coded(text, linked));
const described = (text) =>
  text.split("\n\n").map((part) => {
    if (!part.startsWith("|")) return prose("p", part);
    const [head, ...rows] = part.split("\n").filter((row) => !row.startsWith("|---"));
    const cells = (row, tag) => row.split("|").slice(1, -1).map((cell) => prose(tag, cell.trim()));
    const row = (text, tag = "td") => element("tr", {}, ...cells(text, tag));
    return element("table", {}, row(head, "th"), ...rows.map((text) => row(text)));
  });

// A schema as JSON, whose references lead to the objects at the end of its API's section. Its
// descriptions have code between backticks as well.
const schema = (value) =>
  element("pre", {}, ...JSON.stringify(value, null, 2).split(/("#\/components\/schemas\/[^"]+")/).flatMap((part) =>
    part.startsWith('"#/') ? element("a", { href: `#${last(part.slice(1, -1))}`, textContent: part })
      : coded(part, (text) => text)));

const message = (whole, channel, name) => {
  const known = whole.components.messages[`${channel}.${name}`];
  const examples = known.examples.map(({ payload }) => show("pre", JSON.stringify(payload, null, 2)));
  return element(
    "details", {},
    element("summary", {}, show("code", known.name), " ", prose("span", known.summary)),
    ...examples,
    element("details", {}, show("summary", "schema"), schema(whole.components.schemas[`${channel}.${name}`])),
  );
};

const section = (whole, name, channel) => {
  const messages = (references) => references.map(({ $ref }) => message(whole, name, last($ref)));
  const own = Object.values(whole.operations).filter(({ channel }) => last(channel.$ref) === name);
  const requests = own.filter(({ action }) => action === "receive");
  const pushes = own.filter(({ action }) => action === "send");
  const parts = Object.entries(whole.components.schemas).filter(
    ([part]) => part.startsWith(`${name}.`) && !(part in whole.components.messages));
  return element(
    "section", {},
    element("h2", { id: name }, `${name} `, show("code", channel.address)),
    ...described(channel.description),
    show("h3", "What clients send, and what may answer it"),
    ...requests.flatMap(({ messages: asked, reply, description }) => [
      ...messages(asked),
      ...described(description),
      element("blockquote", {}, ...messages(reply ? reply.messages : [])),
    ]),
    show("h3", "What comes by itself, and in answer to what is no request"),
    ...pushes.flatMap(({ messages: pushed, description }) => [...described(description), ...messages(pushed)]),
    ...(parts.length ? [show("h3", "Objects in these")] : []),
    ...parts.flatMap(([part, value]) => [element("h4", { id: part }, show("code", part)), schema(value)]),
  );
};

const whole = await (await fetch(where)).json();
const channels = Object.entries(whole.channels);
document.body.append(
  element("h1", {}, `${whole.info.title} ${whole.info.version}`),
  ...described(whole.info.description),
  element("nav", {}, ...channels.map(([name]) => element("a", { href: `#${name}`, textContent: name }))),
  ...channels.map(([name, channel]) => section(whole, name, channel)),
);
document.getElementById(location.hash.slice(1))?.scrollIntoView(); // it was not there yet
