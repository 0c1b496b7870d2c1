-- Directory: what the line knows about a company: its greeting and hours, departments, people and dialled numbers.
--
-- Opening hours have one shape wherever they appear, in the company's time zone:
--   {"mon": [["07:00","12:00"],["13:00","16:00"]], "fri": [["22:00","06:00"]],
--    "holidays": ["2026-12-25", {"date": "2026-12-24", "name": "Christmas Eve", "hours": [["08:00","12:00"]]}]}
-- A day that is not named is closed; a span that ends at or before its start runs into the next day; "24:00" may end
-- one. A holiday replaces the spans that begin on its date. No hours at all (null) means: follow the level above.
-- A person is reachable where person, department and company are all open, and the person's status says so.
--
-- Security definer, and why:
--   _company_zone            the line's functions and policies need the zone, whatever the caller may read

-- Hours --------------------------------------------------------------------------------------------------------------

create function public._spans_problem(spans jsonb) returns text
language plpgsql immutable set search_path = ''
as $$
declare
  span jsonb;
  last_close text := '00:00';
begin
  if jsonb_typeof(spans) <> 'array' then
    return 'spans are a list such as [["07:00","16:00"]]';
  end if;
  for span in select s.value from jsonb_array_elements(spans) s loop
    if jsonb_typeof(span) <> 'array' or jsonb_array_length(span) <> 2
      or coalesce(span ->> 0, '') !~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'
      or coalesce(span ->> 1, '') !~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$' then
      return 'a span is two times such as ["07:00","16:00"]';
    end if;
    if span ->> 0 = span ->> 1 then
      return 'a span cannot begin and end at the same time; all day is ["00:00","24:00"]';
    end if;
    if (span ->> 0) collate "C" < last_close collate "C" then
      return 'spans of a day come in order and do not overlap';
    end if;
    -- After a span that runs past midnight nothing can follow on the same day.
    last_close := case when (span ->> 1) collate "C" < (span ->> 0) collate "C" then '24:00' else span ->> 1 end;
  end loop;
  return null;
end $$;
comment on function public._spans_problem(jsonb) is 'What is wrong with one day''s list of spans, or null.';

create function public._is_date(value text) returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return coalesce(value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', false)
    and make_date(substr(value, 1, 4)::integer, substr(value, 6, 2)::integer, substr(value, 9, 2)::integer) is not null;
exception when datetime_field_overflow then
  return false;
end $$;
comment on function public._is_date(text) is 'Whether the text is a day of the calendar, YYYY-MM-DD.';

create function public.hours_problem(hours jsonb) returns text
language plpgsql immutable set search_path = ''
as $$
declare
  day record;
  holiday jsonb;
  problem text;
begin
  if hours is null then
    return null;
  end if;
  if jsonb_typeof(hours) <> 'object' then
    return 'hours are an object with days mon to sun and holidays';
  end if;
  for day in select h.key, h.value from jsonb_each(hours) h where h.key <> 'holidays' loop
    if day.key not in ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun') then
      return format('%s is not a day (mon, tue, wed, thu, fri, sat, sun) nor holidays', day.key);
    end if;
    problem := public._spans_problem(day.value);
    if problem is not null then
      return format('%s: %s', day.key, problem);
    end if;
  end loop;
  if jsonb_typeof(coalesce(hours -> 'holidays', '[]')) <> 'array' then
    return 'holidays is a list';
  end if;
  for holiday in select h.value from jsonb_array_elements(coalesce(hours -> 'holidays', '[]')) h loop
    if not public._is_date(case jsonb_typeof(holiday) when 'object' then holiday ->> 'date' else holiday #>> '{}' end) then
      return 'a holiday is a date such as "2026-12-25", or an object with date and hours';
    end if;
    if jsonb_typeof(holiday) = 'object' then
      if exists (select from jsonb_object_keys(holiday) k where k not in ('date', 'name', 'hours')) then
        return 'a holiday has date, name and hours, and nothing else';
      end if;
      problem := public._spans_problem(coalesce(holiday -> 'hours', '[]'));
      if problem is not null then
        return format('holiday %s: %s', holiday ->> 'date', problem);
      end if;
    end if;
  end loop;
  return null;
end $$;
comment on function public.hours_problem(jsonb) is 'What is wrong with a set of opening hours, in words, or null. Constraints ask it, and forms may.';

create function public.open_hours(hours jsonb, zone text, since timestamptz, until timestamptz) returns tstzmultirange
language sql stable set search_path = ''
as $$
  -- One day earlier, for a span that began last night.
  with days as (
    select (open_hours.since at time zone zone)::date - 1 + n as day
    from generate_series(0, (open_hours.until at time zone zone)::date - (open_hours.since at time zone zone)::date + 1) n
  ),
  plans as (
    select d.day, coalesce(
      (select case jsonb_typeof(h.value) when 'object' then coalesce(h.value -> 'hours', '[]') else '[]'::jsonb end
       from jsonb_array_elements(coalesce(hours -> 'holidays', '[]')) h
       where coalesce(h.value ->> 'date', h.value #>> '{}') = to_char(d.day, 'YYYY-MM-DD')
       limit 1),
      hours -> (array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])[extract(isodow from d.day)::integer],
      '[]') as spans
    from days d
  ),
  spans as (
    select
      (p.day + (s.value ->> 0)::time) at time zone zone as opens,
      (p.day + (s.value ->> 1)::time
        + case when (s.value ->> 1)::time <= (s.value ->> 0)::time then interval '1 day' else interval '0' end)
        at time zone zone as closes
    from plans p, jsonb_array_elements(p.spans) s
  )
  select case
    when hours is null then tstzmultirange(tstzrange(open_hours.since, open_hours.until))
    -- A clock that jumps forward can put a short span's end before its start: such a span does not happen.
    else coalesce((select range_agg(tstzrange(s.opens, s.closes)) from spans s where s.opens < s.closes), '{}')
      * tstzmultirange(tstzrange(open_hours.since, open_hours.until))
  end
$$;
comment on function public.open_hours(jsonb, text, timestamptz, timestamptz) is 'The spans between two moments in which these hours are open; all of it when there are no hours. Daylight saving is the zone''s business.';

create function public._is_zone(zone text) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  -- PostgreSQL would also take abbreviations and POSIX rules, whose sign people get wrong.
  return (zone = 'UTC' or zone ~ '^[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+)+$')
    and (timestamptz '2026-01-01 00:00+00' at time zone zone) is not null;
exception when invalid_parameter_value then
  return false;
end $$;
comment on function public._is_zone(text) is 'Whether this is the name of a time zone such as America/New_York.';

-- What a company may settle ------------------------------------------------------------------------------------------

create function public._texts_fit(list jsonb, pattern text, longest integer) returns boolean
language sql immutable set search_path = ''
as $$
  select jsonb_typeof(list) = 'array' and jsonb_array_length(list) <= 50 and not exists (
    select from jsonb_array_elements(case jsonb_typeof(list) when 'array' then list else '[]' end) t
    where jsonb_typeof(t.value) <> 'string' or t.value #>> '{}' !~ pattern or char_length(t.value #>> '{}') > longest)
$$;
comment on function public._texts_fit(jsonb, text, integer) is 'Whether this is a list of at most fifty texts that each match and are not too long.';

create function public._facts_fit(facts jsonb) returns boolean
language sql immutable set search_path = ''
as $$
  select jsonb_typeof(facts) = 'object'
    and (select count(*) from jsonb_object_keys(case jsonb_typeof(facts) when 'object' then facts else '{}' end)) <= 100
    and not exists (
      select from jsonb_each(case jsonb_typeof(facts) when 'object' then facts else '{}' end) f
      where jsonb_typeof(f.value) <> 'string' or char_length(btrim(f.key)) not between 1 and 60
        or char_length(btrim(f.value #>> '{}')) not between 1 and 500)
$$;
comment on function public._facts_fit(jsonb) is 'Whether these are things that callers may be told: what they ask about, and one or two sentences for each.';

create function public.settings_problem(settings jsonb) returns text
language plpgsql immutable set search_path = ''
as $$
declare
  setting record;
  fits boolean;
begin
  if jsonb_typeof(settings) <> 'object' then
    return 'settings are an object';
  end if;
  for setting in select s.key, s.value, s.value #>> '{}' as said, jsonb_typeof(s.value) as kind from jsonb_each(settings) s loop
    fits := case setting.key
      when 'recording' then setting.kind = 'boolean'
      when 'recording_announcement' then setting.kind = 'string' and char_length(setting.said) between 1 and 500
      when 'recording_days' then setting.kind = 'number' and setting.said::numeric between 1 and 3650
      when 'transfer_ring_seconds' then setting.kind = 'number' and setting.said::numeric between 5 and 120
      when 'max_call_minutes' then setting.kind = 'number' and setting.said::numeric between 1 and 240
      when 'languages' then setting.kind = 'array' and jsonb_array_length(setting.value) > 0
        and not exists (select from jsonb_array_elements(setting.value) l where coalesce(l.value #>> '{}', '') !~ '^[a-z]{2}$')
      when 'fallback_number' then setting.kind = 'string' and setting.said ~ '^\+[1-9][0-9]{6,14}$'
      when 'emergency_number' then setting.kind = 'string' and setting.said ~ '^\+?[0-9]{2,15}$'
      when 'office_emails' then public._texts_fit(setting.value, '^[^@\s]+@[^@\s]+$', 254)
      when 'office_numbers' then public._texts_fit(setting.value, '^\+[1-9][0-9]{6,14}$', 16)
      when 'address' then setting.kind = 'string' and char_length(btrim(setting.said)) between 1 and 300
      when 'services' then public._texts_fit(setting.value, '\S', 100)
      when 'facts' then public._facts_fit(setting.value)
      else null
    end;
    if fits is null then
      return format('%s is not a setting', setting.key);
    elsif not fits then
      return format('%s: %s does not fit', setting.key, setting.value);
    end if;
  end loop;
  return null;
end $$;
comment on function public.settings_problem(jsonb) is 'What is wrong with a company''s settings, in words, or null. Unknown keys are refused, so a misspelt one is not silently off.';

create table public.company_info (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null unique references public.companies (id) on delete restrict,
  company_name varchar(200) not null check (char_length(btrim(company_name)) > 0),
  greeting_message text not null check (char_length(greeting_message) between 1 and 500),
  timezone text not null check (public._is_zone(timezone)),
  business_hours jsonb not null check (public.hours_problem(business_hours) is null),
  settings jsonb not null default '{}' check (public.settings_problem(settings) is null),
  created_at timestamptz not null default public.fieldline_now(),
  updated_at timestamptz not null default public.fieldline_now()
);
comment on table public.company_info is 'One row per company: the name and greeting that callers hear, the hours, the time zone and the settings.';
comment on column public.company_info.settings is 'recording, recording_announcement, recording_days, transfer_ring_seconds, max_call_minutes, languages, fallback_number, emergency_number; told to callers: address, services, facts; where notices for the office go: office_emails, office_numbers';
create trigger company_info_touch before update on public.company_info
  for each row execute function public._touch_updated_at();

create function public._company_zone(company_id uuid) returns text
language sql stable security definer set search_path = ''
as $$ select coalesce((select i.timezone from public.company_info i where i.company_id = _company_zone.company_id), 'UTC') $$;
comment on function public._company_zone(uuid) is 'The company''s time zone, UTC where none is set.';

create table public.phone_numbers (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id) on delete restrict,
  number varchar(16) not null unique check (number ~ '^\+[1-9][0-9]{6,14}$'),
  label varchar(100) not null default 'main',
  active boolean not null default true,
  created_at timestamptz not null default public.fieldline_now()
);
comment on table public.phone_numbers is 'The numbers that people dial. The dialled number decides whose call it is, so a number belongs to one company.';
create index phone_numbers_company_idx on public.phone_numbers (company_id);

-- Departments and people ---------------------------------------------------------------------------------------------

create table public.departments (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id) on delete restrict,
  name varchar(200) not null check (char_length(btrim(name)) > 0),
  description text,
  available_hours jsonb check (public.hours_problem(available_hours) is null),
  routing_priority integer not null default 100,
  created_at timestamptz not null default public.fieldline_now(),
  updated_at timestamptz not null default public.fieldline_now(),
  unique (company_id, id)
);
comment on table public.departments is 'Where a caller can be sent. Tried by routing_priority, lowest first, ties by name.';
comment on column public.departments.available_hours is 'Null: whenever the company is open.';
create unique index departments_name_key on public.departments (company_id, lower(name));
create trigger departments_touch before update on public.departments
  for each row execute function public._touch_updated_at();

create table public.employees (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id) on delete restrict,
  name varchar(200) not null check (char_length(btrim(name)) > 0),
  phone varchar(16) check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  email varchar(254) check (email ~ '^[^@\s]+@[^@\s]+$'),
  department_id uuid,
  office varchar(100),
  roles text[] not null default '{}',
  status varchar(20) not null default 'available' check (status in ('available', 'busy', 'away', 'offline')),
  availability_hours jsonb check (public.hours_problem(availability_hours) is null),
  routing_priority integer not null default 100,
  active boolean not null default true,
  created_at timestamptz not null default public.fieldline_now(),
  updated_at timestamptz not null default public.fieldline_now(),
  unique (company_id, id),
  foreign key (company_id, department_id) references public.departments (company_id, id) on delete restrict
);
comment on table public.employees is 'The people of the office, as callers look for them: by name, role, department, office.';
comment on column public.employees.roles is 'Free lower-case words that callers use ("billing"). What a person may do stands in memberships.';
comment on column public.employees.availability_hours is 'Null: whenever the department is open.';
create unique index employees_phone_key on public.employees (company_id, phone) where active;
create index employees_department_idx on public.employees (company_id, department_id, routing_priority, name);
create trigger employees_touch before update on public.employees
  for each row execute function public._touch_updated_at();

-- Here and not on employees, which dispatchers write: under whose name a change is recorded is for admins to say.
alter table public.memberships
  add column employee_id uuid,
  add constraint memberships_employee_key unique (company_id, employee_id),
  add constraint memberships_employee_fkey foreign key (company_id, employee_id)
    references public.employees (company_id, id) on delete set null (employee_id);
comment on column public.memberships.employee_id is 'The employee who signs in here, where it is one: changes are recorded as theirs.';
grant update (employee_id) on public.memberships to authenticated;

-- Reachable? ---------------------------------------------------------------------------------------------------------

create function public._open_times(company_id uuid, department_id uuid, own_hours jsonb, since timestamptz, until timestamptz)
returns tstzmultirange
language sql stable set search_path = ''
as $$
  select public.open_hours(i.business_hours, i.timezone, since, until)
    * public.open_hours(d.available_hours, i.timezone, since, until)
    * public.open_hours(own_hours, i.timezone, since, until)
  from public.company_info i
  left join public.departments d on d.company_id = i.company_id and d.id = _open_times.department_id
  where i.company_id = _open_times.company_id
$$;
comment on function public._open_times(uuid, uuid, jsonb, timestamptz, timestamptz) is 'When company, department and own hours are open together.';

create function public._open_at(company_id uuid, department_id uuid, own_hours jsonb, at timestamptz) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  info public.company_info;
  spans tstzmultirange;
begin
  select i.* into info from public.company_info i where i.company_id = _open_at.company_id;
  begin
    spans := public._open_times(_open_at.company_id, department_id, own_hours, at, at + interval '8 days');
    if spans @> at then
      return jsonb_build_object('reachable', true, 'reason', 'open', 'next_at', null);
    end if;
    if isempty(spans) then
      spans := public._open_times(_open_at.company_id, department_id, own_hours, at, at + interval '400 days');
    end if;
  exception when data_exception then
    -- Constraints keep such hours out; should some get in (a restore without them), a caller must not feel it.
    return jsonb_build_object('reachable', false, 'reason', 'hours_broken', 'next_at', null);
  end;
  return jsonb_build_object(
    'reachable', false,
    'reason', case when exists (
        select from jsonb_array_elements(coalesce(info.business_hours -> 'holidays', '[]')) h
        where coalesce(h.value ->> 'date', h.value #>> '{}') = to_char(at at time zone info.timezone, 'YYYY-MM-DD'))
      then 'holiday' else 'closed' end,
    'next_at', lower(spans));
end $$;
comment on function public._open_at(uuid, uuid, jsonb, timestamptz) is 'Whether these hours are open at that moment, and if not, when next (at most 400 days ahead).';

create function public._person_reachable(person public.employees, at timestamptz) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  hours jsonb;
begin
  if not person.active or person.phone is null then
    return jsonb_build_object('reachable', false,
      'reason', case when person.active then 'no_phone' else 'inactive' end, 'next_at', null);
  end if;
  hours := public._open_at(person.company_id, person.department_id, person.availability_hours, at);
  if (hours -> 'reachable')::boolean and person.status <> 'available' then
    -- Inside working hours nobody knows when a busy person is free again.
    return jsonb_build_object('reachable', false, 'reason', person.status, 'next_at', null);
  end if;
  return hours;
end $$;
comment on function public._person_reachable(public.employees, timestamptz) is 'is_reachable for one employee.';

create function public._department_reachable(department public.departments, at timestamptz) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  answer jsonb := public._open_at(department.company_id, department.id, null, at);
  person public.employees;
  theirs jsonb;
  soonest timestamptz;
begin
  if not (answer -> 'reachable')::boolean then
    return answer;
  end if;
  for person in
    select e.* from public.employees e
    where e.company_id = department.company_id and e.department_id = department.id and e.active
    -- Only who is available with a phone can be rung; fifty answers are enough to know when somebody is back.
    order by e.status <> 'available', e.phone is null, e.routing_priority, e.name limit 50
  loop
    theirs := public._person_reachable(person, at);
    if (theirs -> 'reachable')::boolean then
      return answer || jsonb_build_object('employee', jsonb_build_object('id', person.id, 'name', person.name));
    end if;
    soonest := least(soonest, (theirs ->> 'next_at')::timestamptz);
  end loop;
  return jsonb_build_object('reachable', false, 'reason', 'nobody_available', 'next_at', soonest);
end $$;
comment on function public._department_reachable(public.departments, timestamptz) is 'is_reachable for a department: open, with somebody in it who can be rung.';

create function public.is_reachable(kind text, id uuid, at timestamptz default null) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  moment timestamptz := coalesce(is_reachable.at, public.fieldline_now());
  person public.employees;
  department public.departments;
begin
  case kind
    when 'employee' then
      select e.* into person from public.employees e where e.id = is_reachable.id;
      if found then
        return public._person_reachable(person, moment);
      end if;
    when 'department' then
      select d.* into department from public.departments d where d.id = is_reachable.id;
      if found then
        return public._department_reachable(department, moment);
      end if;
    when 'company' then
      if exists (select from public.company_info i where i.company_id = is_reachable.id) then
        return public._open_at(is_reachable.id, null, null, moment);
      end if;
    else
      null;
  end case;
  perform public._refuse('FL071', 'not_in_directory', jsonb_build_object('kind', kind), 'I cannot find that in the directory.');
end $$;
comment on function public.is_reachable(text, uuid, timestamptz) is 'Whether an employee, department or company can be reached at a moment (now by default): {reachable, reason, next_at}. Reasons: open, closed, holiday, hours_broken, busy, away, offline, inactive, no_phone, nobody_available. Acts with the rights of whoever asks.';

-- Grants and row level security --------------------------------------------------------------------------------------

grant execute on function
  public._spans_problem(jsonb), public._is_date(text), public.hours_problem(jsonb), public._is_zone(text), public._texts_fit(jsonb, text, integer), public._facts_fit(jsonb),
  public.settings_problem(jsonb),
  public.open_hours(jsonb, text, timestamptz, timestamptz), public._open_times(uuid, uuid, jsonb, timestamptz, timestamptz),
  public._open_at(uuid, uuid, jsonb, timestamptz), public._person_reachable(public.employees, timestamptz),
  public._department_reachable(public.departments, timestamptz), public.is_reachable(text, uuid, timestamptz),
  public._refuse(text, text, jsonb, text)
to authenticated, service_role;

alter table public.company_info enable row level security;
revoke all on public.company_info from anon, authenticated;
grant select on public.company_info to authenticated;
grant update (company_name, greeting_message, timezone, business_hours, settings) on public.company_info to authenticated;
create policy "Members read what callers are told" on public.company_info
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Admins change what callers are told" on public.company_info
  for update to authenticated using (company_id in (select public.my_companies('admin'))) with check (company_id in (select public.my_companies('admin')));

alter table public.phone_numbers enable row level security;
revoke all on public.phone_numbers from anon, authenticated;
grant select on public.phone_numbers to authenticated;
grant update (label, active) on public.phone_numbers to authenticated;
create policy "Members see their company's numbers" on public.phone_numbers
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Admins label and switch their company's numbers" on public.phone_numbers
  for update to authenticated using (company_id in (select public.my_companies('admin'))) with check (company_id in (select public.my_companies('admin')));

alter table public.departments enable row level security;
revoke all on public.departments from anon, authenticated;
grant select, insert, delete on public.departments to authenticated;
grant update (name, description, available_hours, routing_priority) on public.departments to authenticated;
create policy "Members see their company's departments" on public.departments
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Admins add departments" on public.departments
  for insert to authenticated with check (company_id in (select public.my_companies('admin')));
create policy "Admins change departments" on public.departments
  for update to authenticated using (company_id in (select public.my_companies('admin'))) with check (company_id in (select public.my_companies('admin')));
create policy "Admins remove departments" on public.departments
  for delete to authenticated using (company_id in (select public.my_companies('admin')));

alter table public.employees enable row level security;
revoke all on public.employees from anon, authenticated;
grant select, insert, delete on public.employees to authenticated;
grant update (name, phone, email, department_id, office, roles, status, availability_hours, routing_priority, active)
  on public.employees to authenticated;
create policy "Members see their company's people" on public.employees
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Admins add people" on public.employees
  for insert to authenticated with check (company_id in (select public.my_companies('admin')));
create policy "Dispatchers keep people up to date" on public.employees
  for update to authenticated using (company_id in (select public.my_companies('dispatcher'))) with check (company_id in (select public.my_companies('dispatcher')));
create policy "Admins remove people" on public.employees
  for delete to authenticated using (company_id in (select public.my_companies('admin')));

revoke execute on all functions in schema public from public, anon;
