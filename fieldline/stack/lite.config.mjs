// Configuration of @supabase/lite for Fieldline: supabase/config.toml as it is, and an adapter that makes
// the embedded API answer as a hosted project does. Everything that differs per stack comes by environment.
import { readFileSync } from "node:fs";
import { Server } from "node:http";
import { createPostgresConnection } from "@supabase/lite/postgres";
import { parse } from "smol-toml";

const env = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

// Keys of the CLI's config.toml that lite's schema rejects. Dropped, not translated: none concerns us here.
const UNKNOWN_TO_LITE = [
  "local_smtp", "edge_runtime.deno_version", "experimental.pgdelta", "storage.s3_protocol", "storage.analytics",
  "storage.vector", "auth.rate_limit", "auth.web3", "auth.third_party", "auth.oauth_server", "auth.email.enabled",
  "auth.sms.enabled",
];

function readConfig(path) {
  const config = parse(readFileSync(path, "utf8"));
  for (const key of UNKNOWN_TO_LITE) {
    const names = key.split(".");
    const last = names.pop();
    const parent = names.reduce((at, name) => at?.[name], config);
    if (parent) delete parent[last];
  }
  return config;
}

// JSON as PostgREST writes it: ISO 8601 times, numbers as numbers. JSON arguments that arrive as text are
// JSON already; encoding them again would make a string of an object.
const iso = (text) => text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");
const toJson = (value) => (typeof value === "string" ? value : JSON.stringify(value));
const asText = (value) => String(value);
const type = (oid, serialize, decode) => ({ to: oid, from: [oid], serialize, parse: decode });
const types = {
  timestamp: type(1114, asText, iso),
  timestamptz: type(1184, asText, iso),
  numeric: type(1700, asText, Number),
  json: type(114, toJson, JSON.parse),
  jsonb: type(3802, toJson, JSON.parse),
};

// Lite knows these SQLSTATEs and answers them like PostgREST; every other one it would turn into HTTP 500.
const KNOWN_CLASSES = /^(PT|PGRST|42|22|21|53|55)/;
const KNOWN_CODES = new Set(["23502", "23503", "23505", "25006"]);

function httpStatus(code) {
  return /^(40|57|58|XX)/.test(code) ? 500 : 400;
}

// Raised again by lite's documented way to set code, message, details and hint: SQLSTATE 'PGRST' with JSON.
function keepSqlstate(normalize) {
  return (error) => {
    const known = normalize(error);
    const source = known?.code ? known : (known?.cause ?? known);
    const code = source?.code;
    const isSqlstate = typeof code === "string" && /^[0-9A-Z]{5}$/.test(code);
    if (!isSqlstate || KNOWN_CLASSES.test(code) || KNOWN_CODES.has(code)) return known;
    const { message, detail = null, hint = null } = source;
    return {
      code: "PGRST",
      message: JSON.stringify({ code, message, details: detail, hint }),
      detail: JSON.stringify({ status: httpStatus(code), headers: {} }),
    };
  };
}

const config = readConfig(env("FIELDLINE_SUPABASE_CONFIG"));
const url = env("FIELDLINE_API_DATABASE_URL");
config.api = { ...config.api, port: Number(env("FIELDLINE_REST_PORT")) };
config.db = { ...config.db, driver: "postgres", url };
config.auth = {
  ...config.auth,
  enabled: true,
  // The stack makes its own accounts by sign-up, and has nobody to click a link in an e-mail.
  enable_signup: true,
  email: { ...config.auth?.email, enable_signup: true, enable_confirmations: false },
  jwt_secret: env("SUPABASE_JWT_SECRET"),
  publishable_key: env("SUPABASE_PUBLISHABLE_KEY"),
  secret_key: env("SUPABASE_SECRET_KEY"),
};

let underWay = 0;
const emit = Server.prototype.emit;
Server.prototype.emit = function (event, ...rest) {
  if (event === "request") {
    underWay += 1;
    rest[1].once("close", () => (underWay -= 1));
  }
  return emit.call(this, event, ...rest);
};

// A connection lost under a request may leave lite with an empty schema, or waiting for ever on a dead socket. The
// supervisor starts a fresh one within a second, and clients repeat what was on its way. At rest it opens new ones.
function startAgain() {
  if (underWay === 0) return;
  console.error("The database closed a connection; this process ends, to be started again.");
  process.exit(75);
}

const connection = await createPostgresConnection({
  url,
  postgresOptions: {
    onnotice: () => {},
    onclose: startAgain,
    max_lifetime: null, // so that under a request every end is a loss
    max: Number(env("FIELDLINE_REST_POOL")),
    types,
  },
});
connection.rlsState = "active"; // our grants stand: lite's own first request would GRANT ALL on every table
connection.normalizeDbError = keepSqlstate(connection.normalizeDbError.bind(connection));
config.connection = connection;

export default config;
