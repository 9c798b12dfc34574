// Fields that the page names twice. A client reads one of the two names all over, never both.

export const CAMEL = {
  banned_until: "bannedUntil",
  created_at: "createdAt",
  updated_at: "updatedAt",
  user_id: "userId",
  channel_id: "channelId",
  message_id: "messageId",
  is_edited: "isEdited",
};

export const reader = (casing) => (object, name) =>
  object[casing === "camel" ? (CAMEL[name] ?? name) : name];
