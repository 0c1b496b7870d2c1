-- Secrets: PINs, one-time codes and invitations. Only their hashes are kept, in tables that no client role can read,
-- the secret key's included; what the office may see is who tried, from where, and when.
--
-- How guessing is stopped, without a stranger being able to keep Mike from working:
--   the number    five wrong tries from one calling number within 15 minutes lock that number for 15 minutes, whatever
--                 badges were tried; withheld numbers of a company count as one number. A company's settings may say how
--                 many tries (`pin_tries`) and how many minutes (`pin_lock_minutes`, never under 15);
--   the person    after so many wrong tries on a badge from numbers that are not the person's own, tries from such numbers
--                 must wait, longer each time. From their own phone a technician is never slowed;
--   the office    is told of both, can unlock a number, and can issue a code that works once in the place of the PIN.
-- Counts are rows, so they hold across calls, workers and restarts. A wrong PIN is therefore an answer and never an
-- exception, which would take its row back.
--
-- Security definer, and why: all of these work on tables that nobody else may touch.
--   verify_pin                                            called by the line's account
--   set_pin, issue_one_time_code, unlock_number           called by dispatchers; each asks my_companies('dispatcher')
--   accept_invitation                                     called by whoever holds an invitation
--   _pin_rules, _store_pin, _may_manage, _forgive, _right_secret, _verified_facts, _number_locked_until, _person_waits_until,
--   _tell_lockout                                         their helpers

create table public.technician_pins (
  company_id uuid not null references public.companies (id) on delete restrict,
  technician_id bigint not null,
  pin_hash text not null,
  set_at timestamptz not null default public.fieldline_now(),
  primary key (company_id, technician_id),
  foreign key (company_id, technician_id) references public.technicians (company_id, id) on delete restrict
);
comment on table public.technician_pins is 'bcrypt hashes of PINs. No client role can read it.';

create table public.one_time_codes (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  technician_id bigint not null,
  code_hash text not null,
  issued_by uuid,
  created_at timestamptz not null default public.fieldline_now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  used_on_call_id uuid,
  foreign key (company_id, technician_id) references public.technicians (company_id, id) on delete restrict,
  foreign key (company_id, used_on_call_id) references public.call_logs (company_id, id) on delete restrict,
  foreign key (issued_by) references auth.users (id) on delete set null
);
comment on table public.one_time_codes is 'Codes that a dispatcher gave a technician for one sign-in by telephone. No client role can read it.';
create index one_time_codes_technician_idx on public.one_time_codes (company_id, technician_id) where used_at is null;
create index one_time_codes_technician_all_idx on public.one_time_codes (company_id, technician_id);
create index one_time_codes_call_idx on public.one_time_codes (company_id, used_on_call_id);
create index one_time_codes_issued_by_idx on public.one_time_codes (issued_by);

create table public.pin_attempts (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  call_id uuid not null,
  from_number varchar(16),
  technician_id bigint,
  succeeded boolean not null,
  forgiven_at timestamptz,
  created_at timestamptz not null default public.fieldline_now(),
  foreign key (company_id, call_id) references public.call_logs (company_id, id) on delete restrict,
  foreign key (company_id, technician_id) references public.technicians (company_id, id) on delete restrict
);
comment on table public.pin_attempts is 'Every try at a PIN: from which number, for whom, right or wrong. What was keyed is not kept.';
comment on column public.pin_attempts.technician_id is 'Null when the badge belongs to nobody.';
comment on column public.pin_attempts.forgiven_at is 'No longer counted: the person got in, or the office unlocked.';
-- Withheld numbers are one number here, and null would not be found through an index.
create index pin_attempts_number_idx on public.pin_attempts (company_id, coalesce(from_number, ''), created_at);
create index pin_attempts_person_idx on public.pin_attempts (company_id, technician_id, created_at);
create index pin_attempts_call_idx on public.pin_attempts (company_id, call_id);

create table public.invitations (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id) on delete restrict,
  email varchar(254) not null check (email ~ '^[^@\s]+@[^@\s]+$'),
  role text not null check (role in ('admin', 'dispatcher', 'viewer')),
  token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
  created_at timestamptz not null default public.fieldline_now(),
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by uuid,
  foreign key (accepted_by) references auth.users (id) on delete set null
);
comment on table public.invitations is 'One-time links into a company. The link carries the token, the row its SHA-256. No client role can read it.';
create index invitations_company_idx on public.invitations (company_id);
create index invitations_accepted_by_idx on public.invitations (accepted_by);

-- Counting -----------------------------------------------------------------------------------------------------------

create function public._pin_rules(company_id uuid, out tries integer, out locks_for interval, out digits integer)
language sql stable security definer set search_path = ''
as $$
  select coalesce((i.settings ->> 'pin_tries')::integer, 5),
    make_interval(mins => coalesce((i.settings ->> 'pin_lock_minutes')::integer, 15)),
    coalesce((i.settings ->> 'pin_length')::integer, 4)
  from (select 1) one left join public.company_info i on i.company_id = _pin_rules.company_id
$$;
comment on function public._pin_rules(uuid) is 'What a company has settled about PINs, else our own: wrong tries that lock, for how long they count and lock, and the fewest digits of a new PIN.';

create function public._number_locked_until(company_id uuid, from_number text) returns timestamptz
language sql stable security definer set search_path = ''
as $$
  -- The newest wrong tries, as many as the company allows, lock from the last of them when they lie close enough.
  select case when count(w.created_at) = r.tries and max(w.created_at) - min(w.created_at) <= r.locks_for
      and max(w.created_at) > public.fieldline_now() - r.locks_for
    then max(w.created_at) + r.locks_for end
  from public._pin_rules(_number_locked_until.company_id) r
  left join lateral (
    select a.created_at from public.pin_attempts a
    where a.company_id = _number_locked_until.company_id and coalesce(a.from_number, '') = coalesce(_number_locked_until.from_number, '')
      and not a.succeeded and a.forgiven_at is null
    order by a.created_at desc, a.id desc limit r.tries
  ) w on true
  group by r.tries, r.locks_for
$$;
comment on function public._number_locked_until(uuid, text) is 'Until when a calling number is locked, or null.';

create function public._person_waits_until(person public.technicians) returns timestamptz
language sql stable security definer set search_path = ''
as $$
  -- From the fifth wrong try (or what the company allows) 30 s, doubling up to 8 minutes; from the twentieth of a day a
  -- quarter of an hour: less than a hundred guesses a day at 10,000 PINs, however many numbers a stranger calls from.
  select case
      when count(*) >= 20 then max(w.created_at) + interval '15 minutes'
      when count(*) filter (where w.created_at > public.fieldline_now() - interval '15 minutes') >= r.tries
        then max(w.created_at) + interval '30 seconds'
          * 2 ^ least(count(*) filter (where w.created_at > public.fieldline_now() - interval '15 minutes') - r.tries, 4)
    end
  from public._pin_rules(person.company_id) r, public.pin_attempts w
  where w.company_id = person.company_id and w.technician_id = person.id and w.from_number is distinct from person.phone
    and not w.succeeded and w.forgiven_at is null and w.created_at > public.fieldline_now() - interval '1 day'
  group by r.tries
$$;
comment on function public._person_waits_until(public.technicians) is 'Until when tries on this badge from other people''s phones must wait, or null.';

create function public._forgive(company_id uuid, technician_id bigint, from_number text default null) returns integer
language sql security definer set search_path = ''
as $$
  with forgiven as (
    update public.pin_attempts a set forgiven_at = public.fieldline_now()
    where a.company_id = _forgive.company_id and a.technician_id = _forgive.technician_id and a.forgiven_at is null and not a.succeeded
      and (_forgive.from_number is null or a.from_number = _forgive.from_number)
    returning a.id
  )
  select count(*)::integer from forgiven
$$;
comment on function public._forgive(uuid, bigint, text) is 'Stops counting a person''s wrong tries, from one number or from all.';

create function public._tell_lockout(who public.line_identity, person public.technicians, waits boolean) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  rules record := public._pin_rules(who.company_id);
  many text := (array['Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten'])[rules.tries - 2];
begin
  perform public._notify_office(who.company_id, 'lockout',
    case when waits
      then format('%s wrong PINs for badge %s (%s) from other telephones, the last from %s. Further tries have to wait.',
        many, person.badge, person.name, coalesce(who.from_number, 'a withheld number'))
      else format('%s wrong PINs from %s%s. That number is locked for %s minutes.',
        many, coalesce(who.from_number, 'withheld numbers'),
        case when person.id is null then '' else format(', the last for badge %s (%s)', person.badge, person.name) end,
        (extract(epoch from rules.locks_for) / 60)::integer)
    end, null, 'high');
end $$;
comment on function public._tell_lockout(public.line_identity, public.technicians, boolean) is 'Every lock is visible to the office.';

-- Proving who calls --------------------------------------------------------------------------------------------------

create function public._right_secret(person public.technicians, secret text, call_id uuid) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  pin_hash text;
  code public.one_time_codes;
begin
  select p.pin_hash into pin_hash from public.technician_pins p where p.company_id = person.company_id and p.technician_id = person.id;
  -- An unknown badge costs the same time as a wrong PIN, so the time tells nothing.
  if extensions.crypt(secret, coalesce(pin_hash, '$2a$06$wrongwrongwrongwrongwe')) = pin_hash then
    return true;
  end if;
  select c.* into code from public.one_time_codes c
    where c.company_id = person.company_id and c.technician_id = person.id
      and c.used_at is null and c.expires_at > public.fieldline_now()
    order by c.id desc limit 1 for update;
  if found and extensions.crypt(secret, code.code_hash) = code.code_hash then
    update public.one_time_codes c set used_at = public.fieldline_now(), used_on_call_id = _right_secret.call_id where c.id = code.id;
    return true;
  end if;
  return false;
end $$;
comment on function public._right_secret(public.technicians, text, uuid) is 'Whether these digits are the person''s PIN, or their unused one-time code, which is then used.';

create function public._verified_facts(call_id uuid, person public.technicians, from_number text) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object(
    'verified', true,
    'name', person.name,
    'first_name', split_part(person.name, ' ', 1),
    'badge', person.badge,
    'clocked_in', k.number is not null,
    'truck', k.number,
    'unread', public._unread(person.company_id, person.id),
    'lent_phone', from_number is distinct from person.phone,
    'other_call_open', exists (
      select from public.call_logs o
      where o.company_id = person.company_id and o.technician_id = person.id and o.id <> _verified_facts.call_id
        and o.status = 'in_progress' and o.last_activity_at > public.fieldline_now() - interval '5 minutes'))
  from (select 1) one
  left join (
    select t.number from public.technician_clock_records r
    join public.trucks t on t.company_id = r.company_id and t.id = r.truck_id
    where r.company_id = person.company_id and r.technician_id = person.id and r.clock_out_time is null
  ) k on true
$$;
comment on function public._verified_facts(uuid, public.technicians, text) is 'What the line tells a technician who has just proved who they are.';

create function public.verify_pin(call_id uuid, badge text, pin text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  who public.line_identity := public._line_call(verify_pin.call_id);
  person public.technicians;
  rules record := public._pin_rules(who.company_id);
  wait timestamptz;
  wrong integer;
begin
  -- Tries from one number, and on one badge, queue: twenty at once are still twenty tries.
  perform pg_advisory_xact_lock(hashtextextended(who.company_id::text || ' from ' || coalesce(who.from_number, ''), 0));
  wait := public._number_locked_until(who.company_id, who.from_number);
  if wait is not null then
    return jsonb_build_object('verified', false, 'reason', 'locked', 'tries_left', 0,
      'wait_seconds', ceil(extract(epoch from wait - public.fieldline_now())));
  end if;
  select t.* into person from public.technicians t
    where t.company_id = who.company_id and t.badge = regexp_replace(coalesce(verify_pin.badge, ''), '[^0-9]', '', 'g')
    for no key update;
  if person.phone is distinct from who.from_number then
    wait := public._person_waits_until(person);
    if wait > public.fieldline_now() then
      return jsonb_build_object('verified', false, 'reason', 'slow', 'tries_left', 0,
        'wait_seconds', ceil(extract(epoch from wait - public.fieldline_now())));
    end if;
  end if;

  if public._right_secret(person, coalesce(verify_pin.pin, ''), who.call_id) then
    if not person.active then
      perform public._refuse('FL005', 'person_inactive', jsonb_build_object('name', person.name),
        'Your badge is not active. Please ask the office.');
    end if;
    insert into public.pin_attempts (company_id, call_id, from_number, technician_id, succeeded)
      values (who.company_id, who.call_id, who.from_number, person.id, true);
    if who.from_number is not null then
      perform public._forgive(who.company_id, person.id, who.from_number);
    end if;
    update public.call_logs c set technician_id = person.id, verified_at = public.fieldline_now(), caller_name = person.name,
      line = 'technician', last_activity_at = public.fieldline_now() where c.id = who.call_id;
    update public.voice_agent_sessions s set technician_id = person.id where s.id = who.session_id;
    return public._verified_facts(who.call_id, person, who.from_number);
  end if;

  insert into public.pin_attempts (company_id, call_id, from_number, technician_id, succeeded)
    values (who.company_id, who.call_id, who.from_number, person.id, false);
  if person.phone is distinct from who.from_number and (
    select count(*) = rules.tries from public.pin_attempts a
    where a.company_id = person.company_id and a.technician_id = person.id and a.from_number is distinct from person.phone
      and not a.succeeded and a.forgiven_at is null and a.created_at > public.fieldline_now() - interval '15 minutes') then
    perform public._tell_lockout(who, person, true);
  end if;
  if public._number_locked_until(who.company_id, who.from_number) is not null then
    perform public._tell_lockout(who, person, false);
    return jsonb_build_object('verified', false, 'reason', 'locked', 'tries_left', 0, 'wait_seconds', extract(epoch from rules.locks_for)::integer);
  end if;
  select count(*) into wrong from public.pin_attempts a
    where a.company_id = who.company_id and coalesce(a.from_number, '') = coalesce(who.from_number, '')
      and not a.succeeded and a.forgiven_at is null and a.created_at > public.fieldline_now() - rules.locks_for;
  return jsonb_build_object('verified', false, 'reason', 'wrong', 'tries_left', greatest(rules.tries - wrong, 0), 'wait_seconds', 0);
end $$;
comment on function public.verify_pin(uuid, text, text) is 'Proves a call to be a technician''s, by badge and PIN or one-time code. Wrong digits are an answer (wrong, slow, locked), never an exception, so that they stay counted.';

-- What the office may do ---------------------------------------------------------------------------------------------

create function public._may_manage(technician_id bigint) returns public.technicians
language plpgsql stable security definer set search_path = ''
as $$
declare
  person public.technicians;
begin
  select t.* into person from public.technicians t
    where t.id = _may_manage.technician_id and t.company_id in (select public.my_companies('dispatcher'));
  if not found then
    perform public._refuse('FL073', 'not_allowed', '{}', 'Only a dispatcher of the same company may do that.');
  end if;
  return person;
end $$;
comment on function public._may_manage(bigint) is 'The technician, when a dispatcher or admin of the same company asks. Another company''s answers like one that does not exist.';

create function public._store_pin(person public.technicians, pin text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  fewest integer := (public._pin_rules(person.company_id)).digits;
begin
  if coalesce(_store_pin.pin, '') !~ '^[0-9]{4,8}$' or char_length(_store_pin.pin) < fewest or _store_pin.pin ~ '^(.)\1*$' or _store_pin.pin = person.badge
    or strpos('01234567890', _store_pin.pin) > 0 or strpos('09876543210', _store_pin.pin) > 0 then
    perform public._refuse('FL074', 'bad_pin', '{}',
      format('A PIN has %s, and is neither the badge number, nor one digit repeated, nor digits in a row.',
        (array['four to eight digits', 'five to eight digits', 'six to eight digits', 'seven or eight digits', 'eight digits'])[fewest - 3]));
  end if;
  insert into public.technician_pins as p (company_id, technician_id, pin_hash)
    values (person.company_id, person.id, extensions.crypt(_store_pin.pin, extensions.gen_salt('bf', 6)))
    on conflict on constraint technician_pins_pkey do update set pin_hash = excluded.pin_hash, set_at = public.fieldline_now();
end $$;
comment on function public._store_pin(public.technicians, text) is 'Checks and hashes a PIN; one of before the company asked for more digits stays good until it is changed. Cost 6 keeps a try at 4 ms; ten thousand PINs are guarded by counting, not by hashing.';

create function public.set_pin(technician_id bigint, pin text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  person public.technicians := public._may_manage(set_pin.technician_id);
begin
  perform public._store_pin(person, set_pin.pin);
  perform public._forgive(person.company_id, person.id);
  return jsonb_build_object('name', person.name, 'badge', person.badge);
end $$;
comment on function public.set_pin(bigint, text) is 'A dispatcher gives a technician a PIN; earlier wrong tries are forgotten.';

create function public.issue_one_time_code(technician_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  person public.technicians := public._may_manage(issue_one_time_code.technician_id);
  code text := lpad((('x' || encode(extensions.gen_random_bytes(4), 'hex'))::bit(32)::bigint % 1000000)::text, 6, '0');
  until timestamptz := public.fieldline_now() + interval '24 hours';
begin
  delete from public.one_time_codes c
    where c.company_id = person.company_id and c.technician_id = person.id and c.used_at is null;
  insert into public.one_time_codes (company_id, technician_id, code_hash, issued_by, expires_at)
    values (person.company_id, person.id, extensions.crypt(code, extensions.gen_salt('bf', 6)), auth.uid(), until);
  perform public._forgive(person.company_id, person.id);
  return jsonb_build_object('name', person.name, 'badge', person.badge, 'code', code, 'expires_at', until);
end $$;
comment on function public.issue_one_time_code(bigint) is 'A dispatcher gives a technician a code that works once, within 24 hours, in the place of the PIN. It is shown here and nowhere else; an earlier one stops working.';

create function public.unlock_number(number text default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  unlocked integer;
begin
  if not exists (select from public.my_companies('dispatcher')) then
    perform public._refuse('FL073', 'not_allowed', '{}', 'Only a dispatcher of the same company may do that.');
  end if;
  update public.pin_attempts a set forgiven_at = public.fieldline_now()
    where a.company_id in (select public.my_companies('dispatcher'))
      and coalesce(a.from_number, '') = coalesce(unlock_number.number, '') and not a.succeeded and a.forgiven_at is null;
  get diagnostics unlocked = row_count;
  return jsonb_build_object('number', nullif(unlock_number.number, ''), 'forgiven', unlocked);
end $$;
comment on function public.unlock_number(text) is 'A dispatcher lets a locked number try again in their own companies; null stands for withheld numbers.';

-- A company and its first admin --------------------------------------------------------------------------------------

create function public.add_company(
  name text, number text, timezone text, admin_email text, token_hash text, business_hours jsonb, greeting text
) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  company uuid;
  created boolean := false;
begin
  perform pg_advisory_xact_lock(hashtextextended('add_company ' || add_company.number, 0));
  select n.company_id into company from public.phone_numbers n where n.number = add_company.number;
  if company is null then
    created := true;
    insert into public.companies (name) values (public._clean_text(add_company.name, 200)) returning id into company;
    insert into public.company_info (company_id, company_name, greeting_message, timezone, business_hours)
      values (company, public._clean_text(add_company.name, 200), public._clean_text(add_company.greeting, 500), add_company.timezone,
        add_company.business_hours);
    insert into public.phone_numbers (company_id, number) values (company, add_company.number);
  end if;
  if not exists (select from public.memberships m where m.company_id = company and m.role = 'admin') then
    -- One open link: a new one replaces the last, so a lost link is no risk.
    delete from public.invitations i where i.company_id = company and i.role = 'admin' and i.accepted_at is null;
    insert into public.invitations (company_id, email, role, token_hash, expires_at)
      values (company, lower(add_company.admin_email), 'admin', add_company.token_hash, public.fieldline_now() + interval '7 days');
    return jsonb_build_object('company_id', company, 'created', created, 'invited', true);
  end if;
  return jsonb_build_object('company_id', company, 'created', created, 'invited', false);
end $$;
comment on function public.add_company(text, text, text, text, text, jsonb, text) is 'Makes a company with its number, hours and an invitation for its first admin. Safe to repeat: the number says which company is meant. For the secret key only.';

create function public.accept_invitation(token text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  invitation public.invitations;
begin
  if auth.uid() is null or exists (select from public.line_accounts l where l.user_id = auth.uid()) then
    perform public._refuse('FL073', 'not_allowed', '{}', 'Sign in first, as a person.');
  end if;
  select i.* into invitation from public.invitations i
    where i.token_hash = encode(extensions.digest(coalesce(accept_invitation.token, ''), 'sha256'), 'hex')
      and i.accepted_at is null and i.expires_at > public.fieldline_now()
    for update;
  if not found then
    perform public._refuse('FL075', 'invitation_invalid', '{}', 'This invitation was used, replaced or has expired. Ask for a new one.');
  end if;
  insert into public.memberships as m (company_id, user_id, role) values (invitation.company_id, auth.uid(), invitation.role)
    on conflict on constraint memberships_pkey do update set role = case when m.role = 'admin' then m.role else excluded.role end;
  update public.invitations i set accepted_at = public.fieldline_now(), accepted_by = auth.uid() where i.id = invitation.id;
  return jsonb_build_object('company_id', invitation.company_id, 'role', invitation.role);
end $$;
comment on function public.accept_invitation(text) is 'Whoever is signed in and holds the link joins the company with the role it names. Works once.';

-- Grants and row level security --------------------------------------------------------------------------------------

grant execute on function public.verify_pin(uuid, text, text), public.set_pin(bigint, text), public.issue_one_time_code(bigint),
  public.unlock_number(text), public.accept_invitation(text) to authenticated;

alter table public.technician_pins enable row level security;
alter table public.one_time_codes enable row level security;
alter table public.invitations enable row level security;
revoke all on public.technician_pins, public.one_time_codes from anon, authenticated, service_role;
revoke all on public.invitations from anon, authenticated;

alter table public.pin_attempts enable row level security;
revoke all on public.pin_attempts from anon, authenticated;
grant select on public.pin_attempts to authenticated;
create policy "Dispatchers see who tried to get in" on public.pin_attempts
  for select to authenticated using (company_id in (select public.my_companies('dispatcher')));

revoke execute on all functions in schema public from public, anon;
