-- What a hosted Supabase project has before its first migration: roles, schemas, default privileges.
-- Run by the owner on a new database, before lite makes the auth tables and before supabase/migrations.
-- Roles belong to the cluster and may be there already; the rest belongs to the database.

do $$
begin
  if not exists (select from pg_roles where rolname = 'anon') then
    create role anon nologin noinherit;
  end if;
  if not exists (select from pg_roles where rolname = 'authenticated') then
    create role authenticated nologin noinherit;
  end if;
  if not exists (select from pg_roles where rolname = 'service_role') then
    create role service_role nologin noinherit bypassrls;
  end if;
  -- The API's own login. Not a superuser: a signed token with `role: postgres` must lead nowhere.
  if not exists (select from pg_roles where rolname = 'fieldline_api') then
    create role fieldline_api login inherit;
  end if;
end
$$;

grant anon, authenticated, service_role to fieldline_api;
alter role postgres set search_path = "$user", public, extensions;
alter role fieldline_api set search_path = "$user", public, extensions;

create schema if not exists auth authorization fieldline_api;
create schema if not exists supabase_migrations authorization fieldline_api;
create schema if not exists extensions;

create table if not exists supabase_migrations.schema_migrations (
  version text primary key,
  statements text[],
  name text
);
alter table supabase_migrations.schema_migrations owner to fieldline_api;

revoke create on schema public from public;
grant usage on schema public, auth, extensions to anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
