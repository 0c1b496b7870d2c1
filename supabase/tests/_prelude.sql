-- What every SQL test leans on: people to act as, and ways to say what must hold. The runner loads this once into a
-- seeded scratch database; each test file then begins a transaction, acts, checks, and rolls back.
--
-- People: Ana (admin), Dora (dispatcher) and Vera (viewer) of Northgate, Otto (admin of Harbor), Sam (signed in, member of
-- nothing), and the line (the voice worker's account).

create schema tests;

create table tests.people (name text primary key, id uuid not null);
insert into tests.people (name, id) values
  ('Ana', 'aaaaaaaa-0000-4000-8000-000000000001'),
  ('Dora', 'aaaaaaaa-0000-4000-8000-000000000002'),
  ('Vera', 'aaaaaaaa-0000-4000-8000-000000000003'),
  ('Otto', 'aaaaaaaa-0000-4000-8000-000000000004'),
  ('Sam', 'aaaaaaaa-0000-4000-8000-000000000005'),
  ('the line', 'aaaaaaaa-0000-4000-8000-000000000006');
insert into auth.users (id, email) select p.id, replace(lower(p.name), ' ', '') || '@people.example' from tests.people p;
insert into public.line_accounts (user_id) select p.id from tests.people p where p.name = 'the line';
insert into public.memberships (company_id, user_id, role)
select m.company::uuid, p.id, m.role
from (values
  ('Ana', 'f1e1d000-0000-4000-8000-000000000001', 'admin'),
  ('Dora', 'f1e1d000-0000-4000-8000-000000000001', 'dispatcher'),
  ('Vera', 'f1e1d000-0000-4000-8000-000000000001', 'viewer'),
  ('Otto', 'f1e1d000-0000-4000-8000-000000000002', 'admin')
) m (name, company, role)
join tests.people p on p.name = m.name;

create function tests.northgate() returns uuid language sql immutable as $$ select 'f1e1d000-0000-4000-8000-000000000001'::uuid $$;
create function tests.harbor() returns uuid language sql immutable as $$ select 'f1e1d000-0000-4000-8000-000000000002'::uuid $$;

create function tests.id_of(name text) returns uuid
language sql stable security definer set search_path = ''
as $$ select p.id from tests.people p where p.name = id_of.name $$;

-- Who is asking, until the next of these or the end of the transaction. Hosted projects hand the token's claims over as
-- JSON, the embedded API one by one: both are set.
create function tests._sign_in(role text, id uuid default null) returns void
language plpgsql
as $$
begin
  perform set_config('request.jwt.claims', jsonb_build_object('sub', id, 'role', _sign_in.role)::text, true);
  perform set_config('request.jwt.claim.sub', coalesce(id::text, ''), true);
  perform set_config('request.jwt.claim.role', _sign_in.role, true);
  perform set_config('role', _sign_in.role, true);
end $$;

create function tests.act_as(name text) returns void
language sql as $$ select tests._sign_in('authenticated', tests.id_of(act_as.name)) $$;

create function tests.act_as_anon() returns void
language sql as $$ select tests._sign_in('anon') $$;

create function tests.act_as_service() returns void
language sql as $$ select tests._sign_in('service_role') $$;

create function tests.act_as_owner() returns void
language sql as $$ select tests._sign_in('none') $$;

-- A file declares how many checks it makes, so that none is skipped in silence.
create function tests.plan(checks integer) returns void
language plpgsql
as $$
begin
  perform set_config('tests.planned', plan.checks::text, true), set_config('tests.made', '0', true);
end $$;

create function tests._made() returns void
language plpgsql
as $$
begin
  perform set_config('tests.made', (current_setting('tests.made')::integer + 1)::text, true);
end $$;

create function tests.done() returns void
language plpgsql
as $$
begin
  if current_setting('tests.planned') <> current_setting('tests.made') then
    raise exception 'planned % checks, made %', current_setting('tests.planned'), current_setting('tests.made');
  end if;
end $$;

create function tests.holds(sentence text, truth boolean) returns void
language plpgsql
as $$
begin
  perform tests._made();
  if truth is not true then
    raise exception 'does not hold: %', sentence;
  end if;
end $$;

create function tests.equal(sentence text, got anyelement, wanted anyelement) returns void
language plpgsql
as $$
begin
  perform tests._made();
  if got is distinct from wanted then
    raise exception 'does not hold: % (found %, wanted %)', sentence, got, wanted;
  end if;
end $$;

-- The statement must fail with this SQLSTATE; whatever it did is taken back.
create function tests.refused(sentence text, statement text, wanted text) returns void
language plpgsql
as $$
declare
  state text := 'no error';
  said text := '';
begin
  perform tests._made();
  begin
    execute statement;
  exception when others then
    get stacked diagnostics state = returned_sqlstate, said = message_text;
  end;
  if state <> wanted then
    raise exception 'does not hold: % (found % %, wanted %)', sentence, state, said, wanted;
  end if;
end $$;

-- Row level security refuses updates and deletes in silence: the statement runs and touches no row.
create function tests.touches(sentence text, statement text, wanted integer) returns void
language plpgsql
as $$
declare
  touched integer;
begin
  perform tests._made();
  execute statement;
  get diagnostics touched = row_count;
  if touched <> wanted then
    raise exception 'does not hold: % (touched % rows, wanted %)', sentence, touched, wanted;
  end if;
end $$;

-- A call to the demo company, opened as the line; verified when a badge and PIN are given. Leaves us acting as the line.
create function tests.call(from_number text, badge text default null, pin text default null, to_number text default '+12025550100')
returns uuid
language plpgsql
as $$
declare
  call uuid;
begin
  perform tests.act_as('the line');
  call := (public.call_open('call-' || gen_random_uuid(), call.from_number, call.to_number) ->> 'call_id')::uuid;
  if badge is not null and not (public.verify_pin(call, badge, pin) -> 'verified')::boolean then
    raise exception 'badge % was not verified', badge;
  end if;
  return call;
end $$;

-- Lets the clock jump.
create function tests.later(by_ interval) returns void
language sql security definer set search_path = ''
as $$ update public.deployment set environment = 'local', clock_offset = clock_offset + by_ $$;

create function tests.clock(at timestamptz) returns void
language sql security definer set search_path = ''
as $$ update public.deployment set environment = 'local', clock_offset = clock.at - now() $$;

grant usage on schema tests to public;
grant execute on all functions in schema tests to public;
