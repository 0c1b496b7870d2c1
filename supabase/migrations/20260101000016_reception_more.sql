-- More for the reception: danger, the hours in the greeting, technicians by name, who else is there, long messages.
--
-- Danger is heard by a rule in the worker; here it becomes a notice to the office and a word to whoever is on call, in
-- one transaction and due at once. A caller may hang up the moment he was told to get out, so a call that has just
-- ended is as good as an open one.
--
-- Technicians are on the road and no employees: a caller may hear that they exist, and leave word with the office.
--
-- The ears' vocabulary also gets departments, roles and the streets of the company's customers: callers say where they are.
--
-- Security definer, and why: the line's account has no table grants, and each asks for it first:
--   report_danger, find_person

-- ---------------------------------------------------------------------------------------------------------------------
-- Danger

alter table public.notifications drop constraint notifications_notification_type_check;
alter table public.notifications add constraint notifications_notification_type_check check (notification_type in
  ('note_alert', 'status_change', 'low_stock', 'restock_request', 'missed_transfer', 'new_message', 'lockout', 'danger', 'system'));

create or replace trigger notifications_queue after insert on public.notifications
  for each row when (new.technician_id is null and new.notification_type in ('note_alert', 'low_stock', 'missed_transfer', 'lockout', 'danger'))
  execute function public._queue_notice();

create function public._told_of_danger(company_id uuid) returns setof public.employees
language sql stable set search_path = ''
as $$
  -- Nobody on call is no reason to tell nobody: then it is whoever comes first in the office.
  with people as (
    select e as person, e.id::text in (select jsonb_array_elements_text(coalesce(i.settings -> 'on_call', '[]'))) or 'on-call' = any (e.roles) as on_call
    from public.employees e
    join public.company_info i on i.company_id = e.company_id
    where e.company_id = _told_of_danger.company_id and e.active)
  select (p.person).* from people p
  where p.on_call or not exists (select from people o where o.on_call)
  order by (p.person).routing_priority, (p.person).name
  limit 5
$$;
comment on function public._told_of_danger(uuid) is 'Who hears of danger beside the office''s own addresses: those on call, or the first of the office.';

create function public.report_danger(call_id uuid, request_id text, words text, kind text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  call public.call_logs;
  me public.line_identity;
  answer jsonb;
  notice public.notifications;
  told integer;
  said text := left(coalesce(public._clean_text(left(report_danger.words, 4000), 4000, false), '(no words)'), 500);
begin
  perform public._line_account();
  select c.* into call from public.call_logs c
    where c.id = report_danger.call_id and (c.status = 'in_progress' or c.ended_at > public.fieldline_now() - interval '1 hour');
  if not found then
    perform public._refuse('FL002', 'call_unknown', '{}', 'I have lost track of this call. Please call again.');
  end if;
  if report_danger.kind is null or report_danger.kind not in ('gas', 'carbon_monoxide', 'fire', 'electricity', 'injury', 'flooding', 'threat') then
    raise exception 'unknown kind of danger: %', report_danger.kind using errcode = '22023';
  end if;
  me.call_id := call.id;
  me.company_id := call.company_id;
  me.from_number := call.from_number;
  answer := public._answered(me, 'report_danger', report_danger.request_id);
  if answer is not null then
    return answer;
  end if;
  answer := public._just_done(me, 'report_danger', jsonb_build_object('kind', report_danger.kind), false);
  if answer is null then
    perform public._act_as('agent', call.id::text);
    insert into public.notifications (company_id, notification_type, priority, message)
      values (call.company_id, 'danger', 'urgent', format('DANGER (%s), said by %s, %s: "%s". The caller was told to call %s.',
        replace(report_danger.kind, '_', ' '), coalesce(call.caller_name, 'an unknown caller'), coalesce(call.from_number, 'number withheld'), said,
        coalesce((select i.settings ->> 'emergency_number' from public.company_info i where i.company_id = call.company_id), '911')))
      returning * into notice;
    perform public._queue(call.company_id, w, 'notification ' || notice.id, 'Urgent: danger',
      concat_ws(E'\n', notice.message, '— ' || public._company_name(call.company_id)), public.fieldline_now(), notification_id => notice.id)
      from public._told_of_danger(call.company_id) e, public._ways_to_person(e) w;
    select count(*) into told from public.deliveries d where d.company_id = call.company_id and d.notification_id = notice.id;
    answer := jsonb_build_object('kind', report_danger.kind, 'notification', notice.id, 'told', told, 'repeated', false);
  end if;
  return public._keep_answer(me, 'report_danger', report_danger.request_id, jsonb_build_object('kind', report_danger.kind), answer);
end $$;
comment on function public.report_danger(uuid, text, text, text) is 'A caller told of danger: a notice to the office, sent at once to its addresses and to whoever is on call. The same kind on one call tells once in two minutes.';

-- ---------------------------------------------------------------------------------------------------------------------
-- Hours, in the greeting too

create or replace function public._hours_facts(info public.company_info) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  moment timestamptz := public.fieldline_now();
  today date := (moment at time zone info.timezone)::date;
  now_open jsonb := public._open_at(info.company_id, null, null, moment);
  holiday jsonb;
  closes timestamptz;
begin
  if public.hours_problem(info.business_hours) is not null then
    return jsonb_build_object('topic', 'hours', 'open_now', false, 'reason', 'hours_broken', 'opens_at', null, 'closes_at', null,
      'date', to_char(today, 'YYYY-MM-DD'), 'today', '[]'::jsonb, 'holiday', null, 'week', '{}'::jsonb);
  end if;
  select case jsonb_typeof(h.value) when 'object' then h.value else jsonb_build_object('date', h.value) end into holiday
    from jsonb_array_elements(coalesce(info.business_hours -> 'holidays', '[]')) h
    where coalesce(h.value ->> 'date', h.value #>> '{}') = to_char(today, 'YYYY-MM-DD') limit 1;
  select upper(r) into closes from unnest(public.open_hours(info.business_hours, info.timezone, moment, moment + interval '8 days')) r
    where r @> moment and upper(r) < moment + interval '8 days';
  return jsonb_build_object('topic', 'hours',
    'open_now', now_open -> 'reachable', 'reason', now_open -> 'reason', 'opens_at', public._utc((now_open ->> 'next_at')::timestamptz),
    'closes_at', public._utc(closes), 'date', to_char(today, 'YYYY-MM-DD'),
    'today', case when holiday is not null then coalesce(holiday -> 'hours', '[]')
      else coalesce(info.business_hours -> (array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])[extract(isodow from today)::integer], '[]') end,
    'holiday', case when holiday is not null then coalesce(holiday ->> 'name', 'a holiday') end,
    'week', info.business_hours - 'holidays');
end $$;

create or replace function public._holiday_facts(info public.company_info) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object('topic', 'holidays', 'holidays', (
    select coalesce(jsonb_agg(jsonb_build_object('date', h.date, 'name', h.name, 'hours', h.hours) order by h.date), '[]')
    from (
      select coalesce(h.value ->> 'date', h.value #>> '{}') as date, h.value ->> 'name' as name,
        case jsonb_typeof(h.value) when 'object' then coalesce(h.value -> 'hours', '[]') else '[]'::jsonb end as hours
      from jsonb_array_elements(coalesce(info.business_hours -> 'holidays', '[]')) h
      where coalesce(h.value ->> 'date', h.value #>> '{}') >= to_char(public.fieldline_now() at time zone info.timezone, 'YYYY-MM-DD')
      order by 1 limit 6) h));
exception when data_exception then
  -- As in _open_at: hours that should not be there must not be felt by a caller.
  return jsonb_build_object('topic', 'holidays', 'holidays', '[]'::jsonb);
end $$;

create function public._streets(company_id uuid) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(distinct s.street), '[]') from (
    select btrim(regexp_replace(split_part(x.address, ',', 1), '^\s*\d+\S*\s+', '')) as street
    from public.customers x where x.company_id = _streets.company_id order by x.id desc limit 300) s
  where s.street ~ '[[:alpha:]]{3}'
$$;
comment on function public._streets(uuid) is 'The streets of a company''s customers, without house numbers.';

create or replace function public._vocabulary(company_id uuid) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'people', (select coalesce(jsonb_agg(distinct n.name), '[]') from (
      (select t.name from public.technicians t where t.company_id = _vocabulary.company_id and t.active order by t.id limit 300)
      union all
      (select e.name from public.employees e where e.company_id = _vocabulary.company_id and e.active order by e.name limit 300)) n),
    'departments', (select coalesce(jsonb_agg(d.name), '[]') from (
      select x.name from public.departments x where x.company_id = _vocabulary.company_id order by x.routing_priority, x.name limit 60) d),
    'roles', (select coalesce(jsonb_agg(r.role order by r.role), '[]') from (
      select distinct role from public.employees e, unnest(e.roles) role where e.company_id = _vocabulary.company_id and e.active limit 60) r),
    'customers', (select coalesce(jsonb_agg(c.name), '[]') from (
      select x.name from public.customers x where x.company_id = _vocabulary.company_id order by x.id desc limit 300) c),
    'parts', (select coalesce(jsonb_agg(p.name), '[]') from (
      select i.name from public.inventory_items i where i.company_id = _vocabulary.company_id order by i.id limit 500) p),
    'aliases', (select coalesce(jsonb_agg(a.alias), '[]') from (
      select x.alias from public.item_aliases x where x.company_id = _vocabulary.company_id order by x.alias limit 1000) a),
    'trucks', (select coalesce(jsonb_agg(t.number::text), '[]') from (
      select x.number from public.trucks x where x.company_id = _vocabulary.company_id and x.active order by x.number limit 300) t),
    'streets', public._streets(_vocabulary.company_id))
$$;

create or replace function public._call_facts(call public.call_logs) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'call_id', call.id,
    'line', call.line,
    'withheld', call.from_number is null,
    'guess', public._guess_caller(call.company_id, call.from_number) - 'id',
    'verified', (select jsonb_build_object('name', t.name, 'first_name', split_part(t.name, ' ', 1), 'badge', t.badge)
      from public.technicians t where t.id = call.technician_id),
    'company', (select jsonb_build_object(
        'name', i.company_name, 'greeting', i.greeting_message, 'timezone', i.timezone,
        'language', coalesce(i.settings #>> '{languages,0}', 'en'),
        'settings', jsonb_build_object('recording', false, 'transfer_ring_seconds', 25, 'max_call_minutes', 30,
          'languages', jsonb_build_array('en'), 'emergency_number', '911') || i.settings,
        'hours', public._hours_facts(i) - 'week' - 'today' - 'topic',
        'now', public.fieldline_now())
      from public.company_info i where i.company_id = call.company_id),
    -- Five minutes without a turn: that call was cut off, whatever its row says.
    'other_call_open', exists (
      select from public.call_logs o
      where o.company_id = call.company_id and o.id <> call.id and o.status = 'in_progress'
        and o.from_number = call.from_number and o.last_activity_at > public.fieldline_now() - interval '5 minutes'),
    'vocabulary', public._vocabulary(call.company_id))
$$;

-- ---------------------------------------------------------------------------------------------------------------------
-- Technicians by name, and who else is there

alter table public.technicians
  add column spoken text generated always as (public._spoken(name)) stored,
  add column sounds text[] generated always as (public._sounds(public._spoken(name))) stored;
comment on column public.technicians.spoken is 'The name as callers are understood to say it.';
comment on column public.technicians.sounds is 'The sounds of those words.';
create index technicians_spoken_idx on public.technicians using gin (spoken extensions.gin_trgm_ops) with (fastupdate = off);
create index technicians_sounds_idx on public.technicians using gin (sounds) with (fastupdate = off);

-- Ten thousand people: every candidate is looked at once, and a department's first free person is the first of an index.
create index employees_free_idx on public.employees (company_id, department_id, routing_priority, name)
  where active and status = 'available' and phone is not null;

create or replace function public._people_heard(company_id uuid, heard text, department_id uuid) returns setof public.directory_match
language plpgsql stable set search_path = ''
as $$
declare
  words text[] := public._asked_words(heard);
  found uuid[] := '{}';
  word text;
begin
  -- Word by word, so that each is one search of an index.
  foreach word in array words loop
    found := found || array(select e.id from public.employees e
      where e.spoken operator(extensions.%>) word and e.active and e.company_id = _people_heard.company_id
        and (_people_heard.department_id is null or e.department_id = _people_heard.department_id))
      || array(select e.id from public.employees e
      where e.sounds && public._sounds(word) and e.active and e.company_id = _people_heard.company_id
        and (_people_heard.department_id is null or e.department_id = _people_heard.department_id));
  end loop;
  if cardinality(found) = 0 then
    return;
  end if;
  return query
    with asked as materialized (select w.word, public._sounds(w.word) as sounds from unnest(words) w (word)),
    places as materialized (
      select d.id, a.word, extensions.word_similarity(a.word, public._spoken(d.name)) as fit
      from public.departments d cross join asked a where d.company_id = _people_heard.company_id),
    fitting as materialized (
      select e.id, e.routing_priority, e.name, e.department_id, a.word, e.sounds && a.sounds as sounds_so,
        extensions.word_similarity(a.word, e.spoken) as fit
      -- An array of unknown length is looked up by its index, however many it holds.
      from public.employees e cross join asked a where e.id = any (array(select distinct f from unnest(found) f))),
    scored as (
      select f.id, f.routing_priority, f.name,
        avg(greatest(f.fit, p.fit, case when f.sounds_so then 0.65 + 0.35 * f.fit end))::real as score
      from fitting f left join places p on p.id = f.department_id and p.word = f.word
      group by f.id, f.routing_priority, f.name),
    best as (select s.*, max(s.score) over () as top from scored s where s.score >= 0.5),
    close as (select b.*, count(*) over () as total from best b where b.score > b.top - 0.1
      order by b.score desc, b.routing_priority, b.name limit 5)
    select 'employee', c.id, c.score,
      exists (select from asked a, lateral (select public._spoken(c.name) as name) n
        where extensions.word_similarity(a.word, n.name) >= 0.5 or a.sounds && public._sounds(n.name)),
      c.total
    from close c
    order by c.score desc, c.routing_priority, c.name;
end $$;

create or replace function public._department_reachable(department public.departments, at timestamptz) returns jsonb
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
  -- Only who is available with a phone can be rung; fifty answers are enough to know when somebody is back.
  for person in
    select e.* from public.employees e
    where e.company_id = department.company_id and e.department_id = department.id and e.active and e.status = 'available' and e.phone is not null
    order by e.routing_priority, e.name limit 50
  loop
    theirs := public._person_reachable(person, at);
    if (theirs -> 'reachable')::boolean then
      return answer || jsonb_build_object('employee', jsonb_build_object('id', person.id, 'name', person.name));
    end if;
    soonest := least(soonest, (theirs ->> 'next_at')::timestamptz);
  end loop;
  for person in
    select e.* from public.employees e
    where e.company_id = department.company_id and e.department_id = department.id and e.active and e.status <> 'available' and e.phone is not null
    order by e.routing_priority, e.name limit 50
  loop
    soonest := least(soonest, (public._person_reachable(person, at) ->> 'next_at')::timestamptz);
  end loop;
  return jsonb_build_object('reachable', false, 'reason', 'nobody_available', 'next_at', soonest);
end $$;

create type public.technician_match as (id bigint, name text, score real);
comment on type public.technician_match is 'A technician whom a caller may mean by name.';

create function public._technicians_heard(company_id uuid, heard text) returns setof public.technician_match
language sql stable set search_path = ''
as $$
  with asked as materialized (select w.word, public._sounds(w.word) as sounds from unnest(public._asked_words(heard)) w (word)),
  scored as (
    select t.id, t.name::text, avg(greatest(extensions.word_similarity(a.word, t.spoken),
      case when t.sounds && a.sounds then 0.65 + 0.35 * extensions.word_similarity(a.word, t.spoken) end))::real as score
    from public.technicians t cross join asked a
    where t.company_id = _technicians_heard.company_id and t.active and t.employee_id is null
      and (t.sounds && array(select unnest(x.sounds) from asked x)
        or exists (select from asked x where t.spoken operator(extensions.%>) x.word))
    group by t.id, t.name)
  select s.id, s.name, s.score from scored s
  where s.score >= 0.5 and s.score > (select max(score) from scored) - 0.1
  order by s.score desc, s.name limit 3
$$;
comment on function public._technicians_heard(uuid, text) is 'Technicians who may be meant by name, the likest first. One who is an employee too is found as that.';

create function public._technician_facts(technician public.technician_match) returns jsonb
language sql immutable set search_path = ''
as $$
  -- Where they are and when they are free is for customers with a visit, and no stranger's business.
  select jsonb_build_object('kind', 'technician', 'name', technician.name, 'department', null, 'office', null, 'roles', '[]'::jsonb, 'by_name', true,
    'sure', technician.score >= 0.75, 'you', false, 'reachable', false, 'reason', 'in_the_field', 'person', null, 'next_at', null, 'instead', null)
$$;
comment on function public._technician_facts(public.technician_match) is 'What any caller may hear about a technician: the name, and that the office takes messages.';

create or replace function public._match_facts(me public.line_identity, match public.directory_match) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  moment timestamptz := public.fieldline_now();
  person public.employees;
  department public.departments;
  there jsonb;
  others jsonb;
begin
  if match.kind = 'department' then
    select d.* into department from public.departments d where d.id = match.id;
    there := public._department_reachable(department, moment);
    return jsonb_build_object('kind', 'department', 'name', department.name, 'department', department.name, 'office', null, 'roles', '[]'::jsonb,
      'by_name', false, 'sure', match.score >= 0.75, 'you', false, 'reachable', there -> 'reachable', 'reason', there -> 'reason', 'person', there #> '{employee,name}',
      'next_at', public._utc((there ->> 'next_at')::timestamptz), 'instead', null);
  end if;
  select e.* into person from public.employees e where e.id = match.id;
  select d.* into department from public.departments d where d.company_id = person.company_id and d.id = person.department_id;
  there := public._person_reachable(person, moment);
  if not (there -> 'reachable')::boolean and department.id is not null then
    others := public._department_reachable(department, moment);
  end if;
  return jsonb_build_object('kind', 'employee', 'name', person.name, 'department', department.name,
    'office', person.office, 'roles', to_jsonb(person.roles), 'by_name', match.by_name, 'sure', match.score >= 0.75,
    'you', coalesce(person.phone = me.from_number, false),
    'reachable', there -> 'reachable', 'reason', there -> 'reason', 'person', person.name, 'next_at', public._utc((there ->> 'next_at')::timestamptz),
    'instead', others #> '{employee,name}');
end $$;
comment on function public._match_facts(public.line_identity, public.directory_match) is 'What a caller may hear about a person or department: name, place, whether they can be had, and who of the same department instead. Never a number or an address.';

create or replace function public.find_person(call_id uuid, heard text, department text default null) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_call(find_person.call_id);
  words text := public._clean_text(find_person.heard, 200, find_person.department is null);
  matches public.directory_match[] := array(select m from public._directory(me, words, public._clean_text(find_person.department, 200, false)) m);
  field public.technician_match[];
  best real := coalesce(matches[1].score, 0);
  -- "David Chen, the technician": whoever says so means nobody of the office.
  named_so boolean := coalesce(words ~* '\mtech(nician)?\M', false);
  found jsonb;
begin
  if words is not null and find_person.department is null then
    field := array(select t from public._technicians_heard(me.company_id, regexp_replace(words, '\mtech(nician)?\M', '', 'gi')) t);
  end if;
  if named_so and cardinality(field) > 0 then
    matches := '{}';
    best := 0;
  end if;
  -- A technician is meant where the name fits better than anybody's of the office; as well as theirs, and it is asked.
  if coalesce(field[1].score, 0) > best + 0.1 then
    matches := '{}';
  elsif coalesce(field[1].score, 0) < best - 0.1 or not coalesce(matches[1].by_name, true) then
    field := '{}';
  end if;
  if cardinality(matches) = 0 and coalesce(cardinality(field), 0) = 0 then
    perform public._refuse('FL081', 'person_unknown', jsonb_build_object('heard', words), 'I cannot find that name in the directory.');
  end if;
  select jsonb_agg(f.facts order by f.rank, f.n) into found from (
    select 1 as rank, n, public._match_facts(me, x.m) as facts
      from unnest(matches) with ordinality m (kind, id, score, by_name, total, n)
      cross join lateral (select row(m.kind, m.id, m.score, m.by_name, m.total)::public.directory_match) x (m)
    union all
    select 2, n, public._technician_facts(row(t.id, t.name, t.score)::public.technician_match)
      from unnest(field) with ordinality t (id, name, score, n)) f;
  return jsonb_build_object('heard', words, 'total', coalesce(matches[1].total, 0) + coalesce(cardinality(field), 0), 'matches', found);
end $$;
comment on function public.find_person(uuid, text, text) is 'Whom the caller means: people, a department, or a technician on the road, with whether they can be had now and when next. Never a number or an address.';

-- ---------------------------------------------------------------------------------------------------------------------
-- What is to be passed on: to technicians by way of the office, and as much of a long one as can be kept

create function public._technician_meant(me public.line_identity, for_person text, department text) returns text
language plpgsql stable set search_path = ''
as $$
declare
  heard text := public._clean_text(for_person, 200, false);
  people public.directory_match[];
  field public.technician_match[];
begin
  if heard is null or public._clean_text(department, 200, false) is not null then
    return null;
  end if;
  field := array(select t from public._technicians_heard(me.company_id, regexp_replace(heard, '\mtech(nician)?\M', '', 'gi')) t);
  if cardinality(field) > 0 and heard ~* '\mtech(nician)?\M' then
    return field[1].name;
  end if;
  people := array(select m from public._directory(me, heard, null) m);
  if cardinality(field) = 0 or field[1].score <= coalesce(people[1].score, 0) + 0.1 and not (
      public._spoken(field[1].name) = public._spoken(heard)
      and not exists (select from public.employees e where e.company_id = me.company_id and e.active and public._spoken(e.name) = public._spoken(heard))) then
    return null;
  elsif cardinality(field) > 1 and public._spoken(field[1].name) <> public._spoken(heard) then
    perform public._refuse('FL082', 'person_ambiguous', jsonb_build_object('heard', heard, 'options', (
      select jsonb_agg(jsonb_build_object('name', t.name, 'department', null, 'office', null)) from unnest(field) t)), 'Which of them do you mean?');
  end if;
  return field[1].name;
end $$;
comment on function public._technician_meant(public.line_identity, text, text) is 'The technician whom a message is for, or null when it is for the office or somebody in it.';

create or replace function public._message_for(me public.line_identity, for_person text, department text) returns public.directory_match
language plpgsql stable set search_path = ''
as $$
declare
  heard text := public._clean_text(for_person, 200, false);
  place text := public._clean_text(department, 200, false);
  technician text := public._technician_meant(me, for_person, department);
  matches public.directory_match[];
  exact public.directory_match[];
begin
  if heard is null and place is null then
    return null;
  elsif technician is not null then
    perform public._refuse('FL120', 'technician_in_field', jsonb_build_object('name', technician), 'Technicians are on the road. I can take a message.');
  end if;
  matches := array(select m from public._directory(me, heard, place) m);
  if cardinality(matches) = 0 then
    perform public._refuse('FL081', 'person_unknown', jsonb_build_object('heard', heard), 'I cannot find that name in the directory.');
  end if;
  exact := array(select m from unnest(matches) m join public.employees e on m.kind = 'employee' and e.id = m.id
    where public._spoken(e.name) = public._spoken(heard));
  if cardinality(exact) = 1 then
    return exact[1];
  end if;
  -- Whoever does cameras: the first of them will do. Two people of one name: the caller has to say which.
  if cardinality(matches) > 1 and matches[1].by_name then
    perform public._refuse('FL082', 'person_ambiguous', jsonb_build_object('heard', heard, 'options',
      (select jsonb_agg(jsonb_build_object('name', e.name, 'department', d.name, 'office', e.office) order by m.n)
       from unnest(matches) with ordinality m (kind, id, score, by_name, total, n)
       join public.employees e on e.id = m.id
       left join public.departments d on d.company_id = e.company_id and d.id = e.department_id)), 'Which of them do you mean?');
  end if;
  return matches[1];
end $$;
comment on function public._message_for(public.line_identity, text, text) is 'The one person or department that is meant, null for the office as such; asks instead of guessing between people of one name, and refuses technicians, who are no employees.';

create function public._as_much_as_fits(words text, longest integer) returns text
language sql immutable set search_path = ''
as $$
  select case when char_length(words) <= longest then words
    else regexp_replace(left(words, longest - 2), '\s+\S*$', '') || ' …' end
$$;
comment on function public._as_much_as_fits(text, integer) is 'The beginning of a text, cut at a word''s end and marked as cut where it is too long.';

create or replace function public._leave_word(
  me public.line_identity, function text, request_id text, for_person text, department text, caller_name text, number text, words text,
  urgent boolean, confirmed boolean, again boolean, best_effort boolean default false, audio_path text default null
) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  answer jsonb := public._answered(me, _leave_word.function, _leave_word.request_id);
  kept text := public._as_much_as_fits(words, 2000);
  technician text;
  call public.call_logs;
  target public.directory_match;
  facts jsonb;
  key jsonb;
  message public.messages;
begin
  if answer is not null then
    return answer;
  end if;
  select c.* into call from public.call_logs c where c.id = me.call_id;
  technician := public._technician_meant(me, for_person, _leave_word.department);
  if technician is null then
    target := public._message_for(me, for_person, _leave_word.department);
  end if;
  facts := jsonb_build_object(
    'for', coalesce(technician, (select e.name from public.employees e where target.kind = 'employee' and e.id = target.id)),
    'technician', technician is not null,
    'department', (select d.name from public.departments d where d.company_id = me.company_id and d.id = case target.kind
      when 'department' then target.id else (select e.department_id from public.employees e where e.id = target.id) end),
    'caller_name', coalesce(public._clean_text(_leave_word.caller_name, 100, false), me.technician_name, call.caller_name),
    'number', case when public._spoken(_leave_word.number) in ('none', 'no') and function = 'take_message' then null
      else public._number_said(coalesce(nullif(btrim(_leave_word.number), ''), call.from_number), call) end,
    'text', kept, 'cut', kept <> words, 'urgent', coalesce(_leave_word.urgent, false));
  if facts ->> 'caller_name' is null then
    perform public._refuse('FL084', 'name_missing', '{}', 'Who shall I say is calling?');
  elsif facts ->> 'number' is null and not (public._spoken(_leave_word.number) in ('none', 'no') and function = 'take_message') then
    perform public._refuse('FL085', 'bad_number', jsonb_build_object('heard', left(_leave_word.number, 100)), 'Which number can you be reached at?');
  end if;
  key := (facts - 'text') || jsonb_build_object('text', public._plain_words(kept));
  answer := public._just_done(me, function, key, _leave_word.again);
  if answer is null then
    perform public._allow_message(me);
    if not coalesce(_leave_word.confirmed, false) and function = 'take_message' then
      perform public._refuse('FL086', 'confirm_message', facts, 'Shall I pass that on?');
    elsif not coalesce(_leave_word.confirmed, false) then
      perform public._refuse('FL087', 'confirm_callback', facts, 'Shall I ask for that call back?');
    end if;
    perform public._act_as('agent', me.call_id::text);
    insert into public.messages (company_id, call_id, kind, from_caller, caller_number, to_employee_id, to_department_id, message_text, urgent, best_effort, audio_path)
    values (me.company_id, me.call_id, case function when 'take_message' then 'message' else 'callback' end, facts ->> 'caller_name', facts ->> 'number',
      case target.kind when 'employee' then target.id end, case target.kind when 'department' then target.id end,
      case when technician is null then kept else format(E'For %s, technician:\n%s', technician, kept) end,
      coalesce(_leave_word.urgent, false), coalesce(_leave_word.best_effort, false), public._clean_text(_leave_word.audio_path, 500, false))
    returning * into message;
    answer := facts || jsonb_build_object('repeated', false, 'goes_out_at', (
      select public._utc(min(d.next_attempt_at)) from public.deliveries d
      where d.company_id = me.company_id and d.message_id = message.id and d.next_attempt_at > public.fieldline_now()));
  end if;
  return public._keep_answer(me, function, _leave_word.request_id, key, answer);
end $$;

create or replace function public.take_message(
  call_id uuid, request_id text, text text, for_person text default null, department text default null, caller_name text default null,
  number text default null, urgent boolean default false, confirmed boolean default false, again boolean default false,
  best_effort boolean default false, audio_path text default null
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_call(take_message.call_id);
begin
  -- Nobody who has talked for twenty minutes is sent away: what fits is kept, and the read-back says that there was more.
  return public._leave_word(me, 'take_message', take_message.request_id, take_message.for_person, take_message.department,
    take_message.caller_name, take_message.number, public._clean_text(take_message.text, 100000), take_message.urgent,
    take_message.confirmed, take_message.again, take_message.best_effort, take_message.audio_path);
end $$;

-- Grants -------------------------------------------------------------------------------------------------------------

revoke execute on all functions in schema public from public, anon;
grant execute on function public.report_danger(uuid, text, text, text) to authenticated;
