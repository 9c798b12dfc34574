// What the page says an object is: section 2, both casings with one value. Each checker returns
// what is wrong, as sentences; an empty array is good.

import { CAMEL } from "./casing.js";

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3,6})?Z$/;
const isText = (value) => typeof value === "string";
const isDate = (value) => isText(value) && ISO.test(value) && !Number.isNaN(+new Date(value));
const orNull = (is) => (value) => value === null || is(value);
const isCount = (value) => Number.isInteger(value) && value >= 0;
const isFlag = (value) => typeof value === "boolean";
const isAny = () => true;
const isTally = (value) => Object.values(Object(value)).every((count) => isCount(count) && count > 0);
const oneOf = (...words) => (value) => words.includes(value);

// fields: name -> predicate or shape. Names of CAMEL are asked for in both casings.
const shape = (name, fields, { optional = {}, only = false } = {}) => (value, where = name) => {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [`${where} is ${JSON.stringify(value)}, not an object`];
  const faults = [];
  for (const [key, is] of Object.entries({ ...fields, ...optional })) {
    if (!(key in value)) {
      if (key in fields) faults.push(`${where} lacks ${key}`);
      continue;
    }
    faults.push(...held(is, value[key], `${where}.${key}`));
    if (only || !(key in CAMEL)) continue;
    if (!(CAMEL[key] in value)) faults.push(`${where} lacks ${CAMEL[key]}`);
    else if (JSON.stringify(value[CAMEL[key]]) !== JSON.stringify(value[key])) faults.push(`${where}: ${CAMEL[key]} is not ${key}`);
  }
  return faults;
};

function held(is, value, where) {
  const verdict = is(value, where);
  if (Array.isArray(verdict)) return verdict;
  return verdict ? [] : [`${where} is ${JSON.stringify(value)}`];
}

export const list = (is) => (value, where = "list") =>
  Array.isArray(value) ? value.flatMap((item, n) => held(is, item, `${where}[${n}]`)) : [`${where} is no array`];

const userFields = {
  id: isText, email: isText, username: isText, avatar: orNull(isText),
  status: oneOf("ACTIVE", "SUSPENDED", "BANNED"), banned_until: orNull(isDate),
  created_at: isDate, updated_at: isDate,
};
const person = shape("User", userFields);
// The integer id is in one's own object alone.
export const user = (value, where = "User") => ("number" in Object(value) ? [`${where} has a number`] : person(value, where));
export const oneself = shape("Oneself", { ...userFields, number: isCount });

const channelFields = {
  id: isText, name: isText, description: orNull(isText), created_at: isDate, updated_at: isDate,
};
export const channel = shape("Channel", channelFields, { optional: { member_count: isCount } });
export const peopled = shape("Channel with members", {
  ...channelFields, members: list(user), member_count: isCount,
});

export const formatting = shape("Formatting", {
  has_bold: isFlag, has_italic: isFlag, has_code: isFlag, has_code_block: isFlag, has_links: isFlag,
  has_mentions: isFlag, has_emojis: isFlag, link_count: isCount, mention_count: isCount, emoji_count: isCount,
});

export const reaction = shape("Reaction", {
  id: isText, emoji: isText, user_id: isText, message_id: isText, created_at: isDate, user,
});

// One full object everywhere (9.2, 9.21).
export const message = shape("Message", {
  id: isText, content: isText, user_id: isText, channel_id: isText, created_at: isDate, updated_at: isDate,
  is_edited: isFlag, formatting: (value, where) => (value === null ? [] : formatting(value, where)),
  user, mentions: list(isText), reactions: list(reaction), mention_count: isCount,
  reaction_counts: isTally,
});

export const session = shape("Auth answer", { access_token: isText, token_type: oneOf("bearer"), user: oneself });
export const done = shape("message", { message: isText });
export const switched = shape("switch", { message: isText, action: oneOf("add", "remove") });
export const verdict = (value, where = "verdict") =>
  value.valid
    ? shape("verdict", { valid: isFlag, error: oneOf(null), formatting, sanitized_content: isText, mentions: list(isText) })(value, where)
    : shape("verdict", { valid: isFlag, error: isText, formatting: oneOf(null), sanitized_content: oneOf(null) })(value, where);

// -- admin (section 7): one casing, as the table has it

export const entry = shape("log entry", {
  id: isText, action: isText, target_type: oneOf("USER", "MESSAGE", "CHANNEL", "ROLE"), target_id: isText,
  reason: orNull(isText), metadata: isAny, created_at: isDate, admin_id: isText, admin: user,
}, { only: true });
export const dashboard = shape("dashboard", {
  total_users: isCount, active_users: isCount, suspended_users: isCount, banned_users: isCount,
  total_channels: isCount, public_channels: orNull(isCount), private_channels: orNull(isCount),
  total_messages: isCount, messages_today: isCount, recent_actions: list(entry),
});
export const account = shape("account", {
  id: isText, username: isText, email: isText, status: oneOf("ACTIVE", "SUSPENDED", "BANNED"),
  banned_until: orNull(isDate), message_count: isCount, channel_count: isCount, created_at: isDate,
  last_active: orNull(isDate),
}, { only: true });
export const ranked = (value, where = "ranked") => [
  ...user(value, where),
  ...list(shape("role", {
    id: isText, role: oneOf("MEMBER", "MODERATOR", "ADMIN", "SUPER_ADMIN"), channelId: orNull(isText),
    assignedAt: isDate, assignedBy: orNull(isText),
  }))(value.roles, `${where}.roles`),
];
export const tally = (value, where = "tally") =>
  [...shape("tally", { successful: isAny, failed: isAny, total_processed: isCount })(value, where),
   ...shape("tally", { success_count: isCount, failure_count: isCount, errors: list(isAny), action_ids: list(isAny) })(value, where)];

// -- frames (8.3); a frame holds its own names in snake_case alone

const frame = (fields, optional) => shape("frame", { type: isText, timestamp: isDate, ...fields }, { optional, only: true });
const inside = (fields, optional) => shape("data", fields, { optional, only: true });
export const FRAMES = {
  connection_established: frame({ user_id: isText, username: isText }),
  channel_joined: frame({ channel_id: isText }),
  channel_left: frame({ channel_id: isText }),
  pong: frame({}),
  online_users: frame({ channel_id: isText, users: list(isText) }),
  new_message: frame({ data: message }),
  message_edited: frame({ data: message }),
  message_deleted: frame({ message_id: isText, channel_id: isText, deleted_by: isText }, { reason: isText }),
  message_reaction: frame({ message_id: isText, data: inside({ emoji: isText, user_id: isText, username: isText, action: oneOf("add", "remove") }) }),
  typing_indicator: frame({ user_id: isText, username: isText, channel_id: isText, is_typing: isFlag }),
  user_status: frame({ user_id: isText, status: oneOf("online", "offline") }),
  user_joined: frame({ user_id: isText, username: isText, channel_id: isText }),
  user_left: frame({ user_id: isText, username: isText, channel_id: isText }),
  mention_notification: frame({ data: inside({ message_id: isText, channel_id: isText, content: isText, from_user_id: isText, from_username: isText }, { is_edit: oneOf(true) }) }),
  channel_created: frame({ data: inside(channelFields) }),
  force_disconnect: frame({ reason: isText }),
  error: shape("error", { type: isText, error_code: isText, message: isText, details: orNull(isText) }, { only: true }),
};
