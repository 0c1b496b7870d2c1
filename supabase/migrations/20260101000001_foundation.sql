-- Foundation: the clock, the tenants, who may see what, and the few helpers that every later file leans on.
--
-- Three kinds of caller reach this database:
--   the office     signs in, is listed in `memberships`, and sees its own company through row level security;
--   the line       the voice worker's machine account, listed in `line_accounts`: it has no table grant at all and
--                  can only call the line functions, so a leaked worker environment opens nothing but the line;
--   maintenance    the secret key (service_role), for commands that an operator types.
-- Nothing is granted to anon.
--
-- Hosted projects grant everything on new objects to the API roles. The defaults are taken back here, and every
-- migration ends by revoking its functions from public, so each grant that exists was written down.
--
-- Security definer, and why:
--   fieldline_now            everybody reads the clock, nobody reads or writes `deployment`
--   set_clock                the secret key may pin a local clock without a grant on `deployment`
--   my_companies             policies on memberships would otherwise ask themselves
--   _actor                   finds the employee behind a signed-in user, whatever that user may read
--   _line_account, line_ping reads `line_accounts`, which no client role may
--   _keep_an_admin           must count administrators that the acting user may not see
--   _person_or_line          reads `line_accounts`, which no client role may

create schema if not exists extensions;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists pg_trgm with schema extensions;
create extension if not exists unaccent with schema extensions;

alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema public revoke all on functions from anon, authenticated;
alter default privileges in schema public grant all on tables to service_role;
alter default privileges in schema public grant all on sequences to service_role;
alter default privileges in schema public grant execute on functions to service_role;

-- The clock ----------------------------------------------------------------------------------------------------------

create table public.deployment (
  id boolean primary key default true check (id),
  environment text not null default 'production' check (environment in ('local', 'production')),
  clock_offset interval not null default interval '0',
  constraint deployment_clock_runs_true check (environment = 'local' or clock_offset = interval '0')
);
comment on table public.deployment is 'One row: what this database is for, and how far its clock is set off. Only the owner of the database writes it.';
insert into public.deployment default values;
alter table public.deployment enable row level security;
revoke all on public.deployment from anon, authenticated, service_role;

create function public.fieldline_now() returns timestamptz
language sql stable security definer set search_path = ''
as $$ select now() + d.clock_offset from public.deployment d $$;
comment on function public.fieldline_now() is 'The only clock. Real time, except in a local deployment whose clock was set.';
grant execute on function public.fieldline_now() to authenticated, service_role;

create function public.set_clock(at timestamptz) returns timestamptz
language plpgsql security definer set search_path = ''
as $$
begin
  update public.deployment set clock_offset = coalesce(set_clock.at - now(), interval '0');
  return public.fieldline_now();
end $$;
comment on function public.set_clock(timestamptz) is 'Sets the clock of a local deployment; it runs on from there. Null sets it right. A production deployment refuses by its own constraint.';
revoke execute on function public.set_clock(timestamptz) from public, anon, authenticated;

-- Helpers ------------------------------------------------------------------------------------------------------------

create function public._refuse(code text, reason text, facts jsonb default '{}', hint text default '') returns void
language plpgsql set search_path = ''
as $$
begin
  raise exception using
    errcode = _refuse.code,
    message = _refuse.reason,
    detail = coalesce(_refuse.facts, '{}'::jsonb)::text,
    hint = coalesce(_refuse.hint, '');
end $$;
comment on function public._refuse(text, text, jsonb, text) is 'Says no in the way the line understands: SQLSTATE FLxxx, the reason as message, facts as JSON in the detail, and a hint fit to be spoken.';

create function public._clean_text(value text, longest integer default 2000, required boolean default true) returns text
language plpgsql stable set search_path = ''
as $$
declare
  clean text;
begin
  -- Control characters, zero-width characters and direction overrides: nobody says them, and they hide text in a console.
  clean := regexp_replace(
    replace(coalesce(_clean_text.value, ''), E'\r\n', E'\n'),
    E'[\\u0001-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u2069\\uFEFF]', '', 'g');
  clean := nullif(btrim(clean, E' \t\n\u00a0'), '');
  if clean is null and required then
    perform public._refuse('FL040', 'text_empty', '{}', 'I did not get any words for that.');
  end if;
  if char_length(clean) > longest then
    perform public._refuse('FL041', 'text_too_long', jsonb_build_object('max', longest, 'length', char_length(clean)),
      'That is too long for me to keep in one piece. Please say it in shorter parts.');
  end if;
  return clean;
end $$;
comment on function public._clean_text(text, integer, boolean) is 'Text as it may be stored: without control characters, trimmed, not empty when required, at most that many characters.';

create function public._touch_updated_at() returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.updated_at := public.fieldline_now();
  return new;
end $$;
comment on function public._touch_updated_at() is 'Keeps updated_at true, whoever writes.';

-- Tenants ------------------------------------------------------------------------------------------------------------

create table public.companies (
  id uuid primary key default gen_random_uuid(),
  name text not null check (char_length(btrim(name)) between 1 and 200),
  created_at timestamptz not null default public.fieldline_now(),
  updated_at timestamptz not null default public.fieldline_now()
);
comment on table public.companies is 'The tenants. Every other table carries company_id, and rows of different companies cannot point at each other.';
create trigger companies_touch before update on public.companies
  for each row execute function public._touch_updated_at();

create table public.memberships (
  company_id uuid not null references public.companies (id) on delete restrict,
  user_id uuid not null references auth.users (id) on delete restrict,
  role text not null check (role in ('admin', 'dispatcher', 'viewer')),
  created_at timestamptz not null default public.fieldline_now(),
  updated_at timestamptz not null default public.fieldline_now(),
  primary key (company_id, user_id)
);
comment on table public.memberships is 'Who of the office may do what in which company. A company that has an admin always keeps one.';
create index memberships_user_idx on public.memberships (user_id);
create trigger memberships_touch before update on public.memberships
  for each row execute function public._touch_updated_at();

create table public.line_accounts (
  user_id uuid primary key references auth.users (id) on delete restrict,
  label text not null default 'voice worker',
  created_at timestamptz not null default public.fieldline_now()
);
comment on table public.line_accounts is 'Machine users that answer calls. They may call the line functions and nothing else; a company''s people are never listed here.';

create function public.my_companies(minimum text default 'viewer') returns setof uuid
language sql stable security definer set search_path = ''
as $$
  select m.company_id
  from public.memberships m
  where m.user_id = (select auth.uid())
    and case my_companies.minimum
      when 'viewer' then true
      when 'dispatcher' then m.role in ('dispatcher', 'admin')
      when 'admin' then m.role = 'admin'
      else false
    end
$$;
comment on function public.my_companies(text) is 'The companies in which the signed-in user has at least this role: viewer, dispatcher or admin. Every policy asks it.';
grant execute on function public.my_companies(text) to authenticated;

create function public._keep_an_admin() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if old.role <> 'admin' or (tg_op = 'UPDATE' and new.role = 'admin' and new.company_id = old.company_id) then
    return null;
  end if;
  -- Two admins who demote each other at once would each still see the other: they queue here instead.
  perform from public.companies c where c.id = old.company_id for no key update;
  if not exists (select from public.memberships m where m.company_id = old.company_id and m.role = 'admin') then
    perform public._refuse('FL070', 'last_admin', '{}', 'A company needs at least one administrator.');
  end if;
  return null;
end $$;
comment on function public._keep_an_admin() is 'Refuses to remove or demote the last administrator of a company.';
create constraint trigger memberships_keep_an_admin after update or delete on public.memberships
  deferrable initially deferred for each row execute function public._keep_an_admin();

create function public._person_or_line() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if exists (select from public.line_accounts l join public.memberships m on m.user_id = l.user_id where l.user_id = new.user_id) then
    perform public._refuse('FL076', 'line_is_no_member', '{}', 'The account that answers the phone is nobody''s colleague.');
  end if;
  return null;
end $$;
comment on function public._person_or_line() is 'An account answers the phone or belongs to people, never both: a leaked line account must open nothing but the line.';
create trigger memberships_are_people after insert on public.memberships
  for each row execute function public._person_or_line();
create trigger line_accounts_are_machines after insert on public.line_accounts
  for each row execute function public._person_or_line();

-- Who is acting ------------------------------------------------------------------------------------------------------

create type public.actor as (type text, id text);
comment on type public.actor is 'Who did it: technician (id), employee (id, or the user''s id when no employee is linked), agent (the voice agent; id of the call), system.';

create function public._act_as(type text, id text) returns void
language plpgsql set search_path = ''
as $$
begin
  if _act_as.type not in ('technician', 'employee', 'agent', 'system') then
    raise exception 'unknown kind of actor: %', _act_as.type;
  end if;
  perform set_config('fieldline.actor', _act_as.type || ':' || coalesce(_act_as.id, ''), true);
end $$;
comment on function public._act_as(text, text) is 'Names the actor for the rest of the transaction; history triggers read it with _actor(company).';

create function public._actor(company_id uuid default null) returns public.actor
language plpgsql stable security definer set search_path = ''
as $$
declare
  named text := nullif(current_setting('fieldline.actor', true), '');
  who public.actor;
begin
  -- A signed-in user is who the token says: only definer functions of the line, which act for a caller, may name another.
  if auth.uid() is not null and not exists (select from public.line_accounts l where l.user_id = auth.uid()) then
    who.type := 'employee';
    who.id := coalesce(
      (select m.employee_id from public.memberships m where m.company_id = _actor.company_id and m.user_id = auth.uid()),
      auth.uid())::text;
  elsif named is not null then
    who.type := split_part(named, ':', 1);
    who.id := nullif(substr(named, strpos(named, ':') + 1), '');
  else
    who.type := 'system';
  end if;
  return who;
end $$;
comment on function public._actor(uuid) is 'Who is acting on a row of this company in this transaction: the signed-in office user, else whom _act_as() named, else the system.';

-- The line's account -------------------------------------------------------------------------------------------------

create function public._line_account() returns void
language plpgsql stable security definer set search_path = ''
as $$
begin
  if not exists (select from public.line_accounts l where l.user_id = auth.uid()) then
    perform public._refuse('FL001', 'not_a_line_account', '{}', 'This account does not answer the phone.');
  end if;
end $$;
comment on function public._line_account() is 'The first line of every line function: refuses everybody but the voice worker''s account.';

create function public.line_ping() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform public._line_account();
  return jsonb_build_object('now', public.fieldline_now());
end $$;
comment on function public.line_ping() is 'A sign of life for the voice worker''s account.';
grant execute on function public.line_ping() to authenticated;

-- Row level security -------------------------------------------------------------------------------------------------

alter table public.companies enable row level security;
revoke all on public.companies from anon, authenticated;
grant select on public.companies to authenticated;
grant update (name) on public.companies to authenticated;
create policy "Members see their company" on public.companies
  for select to authenticated using (id in (select public.my_companies()));
create policy "Admins rename their company" on public.companies
  for update to authenticated using (id in (select public.my_companies('admin'))) with check (id in (select public.my_companies('admin')));

alter table public.memberships enable row level security;
revoke all on public.memberships from anon, authenticated;
grant select, insert, delete on public.memberships to authenticated;
grant update (role) on public.memberships to authenticated;
create policy "Members see who else is a member" on public.memberships
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Admins add members" on public.memberships
  for insert to authenticated with check (company_id in (select public.my_companies('admin')));
create policy "Admins change roles" on public.memberships
  for update to authenticated using (company_id in (select public.my_companies('admin'))) with check (company_id in (select public.my_companies('admin')));
create policy "Admins remove members" on public.memberships
  for delete to authenticated using (company_id in (select public.my_companies('admin')));

alter table public.line_accounts enable row level security;
revoke all on public.line_accounts from anon, authenticated;

revoke execute on all functions in schema public from public, anon;
