-- Reception by telephone: what the company tells anybody who calls, who is there, and what is to be passed on.
--
-- The same rules as for technicians (docs/line-functions.md): a call and never a person as the argument, facts as JSON,
-- refusals by code, writes that are safe to repeat. Nobody has to prove anything here, so nothing here is private: no
-- telephone number and no e-mail address of the company's people leaves these functions.
--
-- The directory is searched by what a caller says: every word that is left of "somebody in billing, please" is looked for
-- by its letters (trigrams) and by its sound (double metaphone) in a person's name, roles, office and department. Both are
-- kept beside the person and indexed, so that ten thousand people are searched in milliseconds.
--
-- Definer functions and why: all functions without an underscore, because the line's account has no table grants; each
-- checks that account first, through `_line_call`. Those with an underscore work with the rights of whoever calls.

create extension if not exists fuzzystrmatch with schema extensions;

-- ---------------------------------------------------------------------------------------------------------------------
-- Words and their sound

create function public._spoken(value text) returns text
language sql immutable set search_path = ''
as $$
  select btrim(regexp_replace(lower(extensions.unaccent('extensions.unaccent'::regdictionary, translate(coalesce(value, ''), '''’`', ''))),
    '[^[:alnum:]]+', ' ', 'g'))
$$;
comment on function public._spoken(text) is 'Words as they sound alike to everybody: lower case, without accents, apostrophes and punctuation.';

create function public._sounds(words text) returns text[]
language sql immutable set search_path = ''
as $$
  select coalesce(array_agg(distinct s.sound), '{}')
  from regexp_split_to_table(words, '\s+') w (word)
  cross join lateral (values (extensions.dmetaphone(w.word)), (extensions.dmetaphone_alt(w.word))) s (sound)
  where s.sound <> ''
$$;
comment on function public._sounds(text) is 'How words sound, by double metaphone: "sara" and "sarah" are the same.';

create function public._person_words(name text, roles text[], office text) returns text
language sql immutable set search_path = ''
as $$ select public._spoken(concat_ws(' ', name, array_to_string(roles, ' '), office)) $$;
comment on function public._person_words(text, text[], text) is 'The words by which a person is looked for.';

alter table public.employees
  add column spoken text generated always as (public._person_words(name, roles, office)) stored,
  add column sounds text[] generated always as (public._sounds(public._person_words(name, roles, office))) stored;
comment on column public.employees.spoken is 'Name, roles and office as the directory is searched for them.';
comment on column public.employees.sounds is 'The sounds of those words.';
-- People are read far more often than written: without a list of pending entries the index serves right after an import.
create index employees_spoken_idx on public.employees using gin (spoken extensions.gin_trgm_ops) with (fastupdate = off);
create index employees_sounds_idx on public.employees using gin (sounds) with (fastupdate = off);

create function public._asked_words(heard text) returns text[]
language plpgsql immutable set search_path = ''
as $$
declare
  every_word text[] := regexp_split_to_array(public._spoken(heard), '\s+');
  telling text[] := array(
    select w.word from unnest(every_word) with ordinality w (word, n)
    where w.word <> all (array['a', 'an', 'the', 'in', 'at', 'of', 'for', 'from', 'to', 'with', 'and', 'or', 'on', 'about', 'is', 'are', 'do', 'does',
      'somebody', 'someone', 'anybody', 'anyone', 'who', 'whoever', 'whos', 'person', 'people', 'guy', 'lady', 'man', 'woman', 'named', 'called',
      'handle', 'handles', 'deal', 'deals', 'responsible', 'charge', 'mister', 'mr', 'mrs', 'missus', 'ms', 'miss', 'doctor', 'dr', 'sir', 'madam',
      'please', 'talk', 'speak', 'speaking', 'i', 'id', 'want', 'need', 'would', 'like', 'can', 'my', 'me', 'you', 'your', 'us',
      'there', 'department', 'dept', 'team', 'desk', 'office'])
    order by w.n);
begin
  -- A department may be called "Office": what is nothing but small words is looked for as it is. Eight words name anybody.
  return (case when cardinality(telling) > 0 then telling else array_remove(every_word, '') end)[1:8];
end $$;
comment on function public._asked_words(text) is 'The words of a caller that tell who is meant.';

-- ---------------------------------------------------------------------------------------------------------------------
-- The directory

create type public.directory_match as (kind text, id uuid, score real, by_name boolean, total bigint);
comment on type public.directory_match is 'A person (employee) or department that a caller may mean; by_name is false when a role, office or department was named; total counts all that fit as well.';

create function public._department_heard(company_id uuid, heard text) returns table (id uuid, score real)
language sql stable set search_path = ''
as $$
  with words as (select w.word, public._sounds(w.word) as sounds from unnest(public._asked_words(heard)) w (word))
  select d.id, d.score from (
    select x.id, x.routing_priority, x.name, avg(greatest(
      extensions.word_similarity(w.word, x.spoken), 0.8 * extensions.word_similarity(w.word, x.described),
      case when w.sounds && x.sounds then 0.65 + 0.35 * extensions.word_similarity(w.word, x.spoken) end))::real as score
    from (select d.id, d.routing_priority, d.name, public._spoken(d.name) as spoken, public._sounds(public._spoken(d.name)) as sounds,
        public._spoken(d.description) as described
      from public.departments d where d.company_id = _department_heard.company_id) x, words w
    group by 1, 2, 3) d
  where d.score >= 0.6
  order by d.score desc, d.routing_priority, d.name
$$;
comment on function public._department_heard(uuid, text) is 'Departments whose name is like what was heard, or whose description has it, the likest first.';

create function public._people_heard(company_id uuid, heard text, department_id uuid) returns setof public.directory_match
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
      where e.spoken operator(extensions.%>) word and e.active and e.company_id = _people_heard.company_id)
      || array(select e.id from public.employees e
      where e.sounds && public._sounds(word) and e.active and e.company_id = _people_heard.company_id);
  end loop;
  return query
    with asked as materialized (select w.word, public._sounds(w.word) as sounds from unnest(words) w (word)),
    places as materialized (select d.id, public._spoken(d.name) as spoken from public.departments d where d.company_id = _people_heard.company_id),
    scored as (
      select e.id, e.routing_priority, e.name, avg(greatest(
          extensions.word_similarity(a.word, e.spoken), extensions.word_similarity(a.word, p.spoken),
          case when e.sounds && a.sounds then 0.65 + 0.35 * extensions.word_similarity(a.word, e.spoken) end))::real as score
      from public.employees e
      left join places p on p.id = e.department_id
      cross join asked a
      where e.id = any (array(select distinct f from unnest(found) f))
        and (_people_heard.department_id is null or e.department_id = _people_heard.department_id)
      group by e.id, e.routing_priority, e.name
    ),
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
comment on function public._people_heard(uuid, text, uuid) is 'People who may be meant, the likest first, then by routing_priority; five at most.';

create function public._directory(me public.line_identity, heard text, department text) returns setof public.directory_match
language plpgsql stable set search_path = ''
as $$
declare
  within uuid;
  people public.directory_match[];
  places public.directory_match[];
begin
  if department is not null then
    select d.id into within from public._department_heard(me.company_id, department) d limit 1;
    if within is null then
      perform public._refuse('FL083', 'department_unknown', jsonb_build_object('heard', left(department, 100)), 'I do not know that department.');
    end if;
    if heard is null then
      return next row('department', within, 1, false, 1)::public.directory_match;
      return;
    end if;
  end if;
  people := array(select p from public._people_heard(me.company_id, heard, within) p);
  if within is null then
    places := array(select row('department', d.id, d.score, false, count(*) over ())::public.directory_match
      from public._department_heard(me.company_id, heard) d limit 3);
  end if;
  -- "Billing" is the department, and not everybody in it who also has that word for a role.
  if cardinality(places) > 0 and (cardinality(people) = 0 or places[1].score >= people[1].score) then
    return query select * from unnest(places) p where p.score > places[1].score - 0.1;
  else
    return query select * from unnest(people);
  end if;
end $$;
comment on function public._directory(public.line_identity, text, text) is 'Whom a caller may mean by what was heard: people, or departments where those fit as well.';

create function public._match_facts(me public.line_identity, match public.directory_match) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  moment timestamptz := public.fieldline_now();
  person public.employees;
  department public.departments;
  there jsonb;
begin
  if match.kind = 'department' then
    select d.* into department from public.departments d where d.id = match.id;
    there := public._department_reachable(department, moment);
    return jsonb_build_object('kind', 'department', 'name', department.name, 'department', department.name, 'office', null, 'roles', '[]'::jsonb,
      'by_name', false, 'sure', match.score >= 0.75, 'you', false, 'reachable', there -> 'reachable', 'reason', there -> 'reason', 'person', there #> '{employee,name}',
      'next_at', public._utc((there ->> 'next_at')::timestamptz));
  end if;
  select e.* into person from public.employees e where e.id = match.id;
  there := public._person_reachable(person, moment);
  return jsonb_build_object('kind', 'employee', 'name', person.name,
    'department', (select d.name from public.departments d where d.company_id = person.company_id and d.id = person.department_id),
    'office', person.office, 'roles', to_jsonb(person.roles), 'by_name', match.by_name, 'sure', match.score >= 0.75,
    'you', coalesce(person.phone = me.from_number, false),
    'reachable', there -> 'reachable', 'reason', there -> 'reason', 'person', person.name, 'next_at', public._utc((there ->> 'next_at')::timestamptz));
end $$;
comment on function public._match_facts(public.line_identity, public.directory_match) is 'What a caller may hear about a person or department: name, place, and whether they can be had. Never a number or an address.';

create function public.find_person(call_id uuid, heard text, department text default null) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_call(find_person.call_id);
  words text := public._clean_text(find_person.heard, 200, find_person.department is null);
  matches public.directory_match[] := array(select m from public._directory(me, words, public._clean_text(find_person.department, 200, false)) m);
begin
  if cardinality(matches) = 0 then
    perform public._refuse('FL081', 'person_unknown', jsonb_build_object('heard', words), 'I cannot find that name in the directory.');
  end if;
  return jsonb_build_object('heard', words, 'total', matches[1].total,
    'matches', (select jsonb_agg(public._match_facts(me, m) order by n) from unnest(matches) with ordinality m (kind, id, score, by_name, total, n)
      cross join lateral (select row(m.kind, m.id, m.score, m.by_name, m.total)::public.directory_match) x (m)));
end $$;
comment on function public.find_person(uuid, text, text) is 'Whom the caller means: people or a department, with whether they can be had now and when next. Never a number or an address.';

-- ---------------------------------------------------------------------------------------------------------------------
-- What the company tells

create function public._hours_facts(info public.company_info) returns jsonb
language sql stable set search_path = ''
as $$
  with clock as (select n.moment, (n.moment at time zone info.timezone)::date as today from (select public.fieldline_now()) n (moment)),
  holiday as (
    select coalesce(h.value ->> 'date', h.value #>> '{}') as date, h.value ->> 'name' as name,
      case jsonb_typeof(h.value) when 'object' then coalesce(h.value -> 'hours', '[]') else '[]'::jsonb end as hours
    from jsonb_array_elements(coalesce(info.business_hours -> 'holidays', '[]')) h)
  select jsonb_build_object('topic', 'hours',
    'open_now', o.open -> 'reachable', 'reason', o.open -> 'reason', 'opens_at', public._utc((o.open ->> 'next_at')::timestamptz),
    'closes_at', (select public._utc(upper(r)) from unnest(public.open_hours(info.business_hours, info.timezone, c.moment, c.moment + interval '8 days')) r
      where r @> c.moment and upper(r) < c.moment + interval '8 days'),
    'date', to_char(c.today, 'YYYY-MM-DD'),
    'today', coalesce((select h.hours from holiday h where h.date = to_char(c.today, 'YYYY-MM-DD')),
      info.business_hours -> (array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])[extract(isodow from c.today)::integer], '[]'),
    'holiday', (select coalesce(h.name, 'a holiday') from holiday h where h.date = to_char(c.today, 'YYYY-MM-DD')),
    'week', info.business_hours - 'holidays')
  from clock c, lateral (select public._open_at(info.company_id, null, null, c.moment)) o (open)
$$;
comment on function public._hours_facts(public.company_info) is 'When a company is open: now, today, in the week.';

create function public._holiday_facts(info public.company_info) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object('topic', 'holidays', 'holidays', coalesce(jsonb_agg(
    jsonb_build_object('date', h.date, 'name', h.name, 'hours', h.hours) order by h.date), '[]'))
  from (
    select coalesce(h.value ->> 'date', h.value #>> '{}') as date, h.value ->> 'name' as name,
      case jsonb_typeof(h.value) when 'object' then coalesce(h.value -> 'hours', '[]') else '[]'::jsonb end as hours
    from jsonb_array_elements(coalesce(info.business_hours -> 'holidays', '[]')) h
    where coalesce(h.value ->> 'date', h.value #>> '{}') >= to_char(public.fieldline_now() at time zone info.timezone, 'YYYY-MM-DD')
    order by 1 limit 6) h
$$;
comment on function public._holiday_facts(public.company_info) is 'The next six holidays of a company.';

create function public._topic_of(info public.company_info, heard text) returns text
language plpgsql stable set search_path = ''
as $$
declare
  said text := public._spoken(heard);
begin
  return coalesce(
    (select f.key from jsonb_each_text(coalesce(info.settings -> 'facts', '{}')) f where public._spoken(f.key) = said limit 1),
    case
      when said ~ '\m(holidays?|christmas|thanksgiving|easter|new year)' then 'holidays'
      when said ~ '\m(hours?|open|opens|opening|close|closes|closing|closed)\M' then 'hours'
      when said ~ '\m(address|where|location|located|directions)\M' and info.settings ? 'address' then 'address'
      when said ~ '\m(services?|offer|offers)\M' and info.settings ? 'services' then 'services'
    end,
    (select f.key from jsonb_each_text(coalesce(info.settings -> 'facts', '{}')) f
      where extensions.word_similarity(public._spoken(f.key), said) >= 0.6
      order by extensions.word_similarity(public._spoken(f.key), said) desc, f.key limit 1));
end $$;
comment on function public._topic_of(public.company_info, text) is 'Which fact a caller asks about: one of the company''s own by its name, or hours, holidays, address, services.';

create function public.company_facts(call_id uuid, topic text default null) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_call(company_facts.call_id);
  said text := public._clean_text(company_facts.topic, 200, false);
  info public.company_info;
  topics jsonb;
  about text;
begin
  select i.* into info from public.company_info i where i.company_id = me.company_id;
  topics := '["hours", "holidays"]'
    || (select coalesce(jsonb_agg(t order by t), '[]') from unnest(array['address', 'services']) t where info.settings ? t)
    || (select coalesce(jsonb_agg(f order by f), '[]') from jsonb_object_keys(coalesce(info.settings -> 'facts', '{}')) f);
  if said is null then
    return jsonb_build_object('topic', null, 'topics', topics);
  end if;
  about := public._topic_of(info, said);
  if about is null then
    perform public._refuse('FL080', 'fact_unknown', jsonb_build_object('heard', said, 'topics', topics), 'I do not know that. I can take a message.');
  end if;
  return case
    when info.settings -> 'facts' ? about then jsonb_build_object('topic', about, 'text', info.settings -> 'facts' -> about)
    when about = 'hours' then public._hours_facts(info)
    when about = 'holidays' then public._holiday_facts(info)
    else jsonb_build_object('topic', about, about, info.settings -> about)
  end;
end $$;
comment on function public.company_facts(uuid, text) is 'What the company tells every caller: hours, holidays, address, services, and facts of its own; without a topic, what there is to ask.';

-- ---------------------------------------------------------------------------------------------------------------------
-- What is to be passed on

create function public._message_for(me public.line_identity, for_person text, department text) returns public.directory_match
language plpgsql stable set search_path = ''
as $$
declare
  heard text := public._clean_text(for_person, 200, false);
  place text := public._clean_text(department, 200, false);
  matches public.directory_match[];
  exact public.directory_match[];
begin
  if heard is null and place is null then
    return null;
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
comment on function public._message_for(public.line_identity, text, text) is 'The one person or department that a message is for, null for the office as such; asks instead of guessing between people of one name.';

create function public._number_said(heard text, call public.call_logs) returns text
language plpgsql immutable set search_path = ''
as $$
declare
  digits text := regexp_replace(coalesce(heard, ''), '[^0-9+]', '', 'g');
begin
  return case
    when digits ~ '^\+[1-9][0-9]{6,14}$' then digits
    -- North American callers say ten digits, or eleven with the one.
    when call.to_number like '+1%' and digits ~ '^1?[2-9][0-9]{9}$' then '+1' || right(digits, 10)
  end;
end $$;
comment on function public._number_said(text, public.call_logs) is 'A dictated number as E.164, or null when it is none.';

create function public._allow_message(me public.line_identity) returns void
language plpgsql stable set search_path = ''
as $$
declare
  a_day integer := case when me.from_number is null then 100 else 30 end;
begin
  if (select count(*) from public.messages m where m.company_id = me.company_id and m.call_id = me.call_id) >= 10
    or (select count(*) from public.messages m join public.call_logs c on c.company_id = m.company_id and c.id = m.call_id
      where c.company_id = me.company_id and c.from_number is not distinct from me.from_number
        and c.started_at > public.fieldline_now() - interval '1 day' and m."timestamp" > public.fieldline_now() - interval '1 day') >= a_day then
    perform public._refuse('FL088', 'too_many_messages', '{}', 'I cannot take any more messages from you today.');
  end if;
end $$;
comment on function public._allow_message(public.line_identity) is 'Ten messages a call and thirty a day from one number: each may cost an SMS and somebody''s evening.';

create function public._leave_word(
  me public.line_identity, function text, request_id text, for_person text, department text, caller_name text, number text, words text,
  urgent boolean, confirmed boolean, again boolean, best_effort boolean default false, audio_path text default null
) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  answer jsonb := public._answered(me, _leave_word.function, _leave_word.request_id);
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
  target := public._message_for(me, for_person, _leave_word.department);
  facts := jsonb_build_object(
    'for', (select e.name from public.employees e where target.kind = 'employee' and e.id = target.id),
    'department', (select d.name from public.departments d where d.company_id = me.company_id and d.id = case target.kind
      when 'department' then target.id else (select e.department_id from public.employees e where e.id = target.id) end),
    'caller_name', coalesce(public._clean_text(_leave_word.caller_name, 100, false), me.technician_name, call.caller_name),
    'number', case when public._spoken(_leave_word.number) in ('none', 'no') and function = 'take_message' then null
      else public._number_said(coalesce(nullif(btrim(_leave_word.number), ''), call.from_number), call) end,
    'text', words, 'urgent', coalesce(_leave_word.urgent, false));
  if facts ->> 'caller_name' is null then
    perform public._refuse('FL084', 'name_missing', '{}', 'Who shall I say is calling?');
  elsif facts ->> 'number' is null and not (public._spoken(_leave_word.number) in ('none', 'no') and function = 'take_message') then
    perform public._refuse('FL085', 'bad_number', jsonb_build_object('heard', left(_leave_word.number, 100)), 'Which number can you be reached at?');
  end if;
  key := (facts - 'text') || jsonb_build_object('text', public._plain_words(words));
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
      words, coalesce(_leave_word.urgent, false), coalesce(_leave_word.best_effort, false), public._clean_text(_leave_word.audio_path, 500, false))
    returning * into message;
    answer := facts || jsonb_build_object('repeated', false, 'goes_out_at', (
      select public._utc(min(d.next_attempt_at)) from public.deliveries d
      where d.company_id = me.company_id and d.message_id = message.id and d.next_attempt_at > public.fieldline_now()));
  end if;
  return public._keep_answer(me, function, _leave_word.request_id, key, answer);
end $$;
comment on function public._leave_word(public.line_identity, text, text, text, text, text, text, text, boolean, boolean, boolean, boolean, text) is
  'take_message and request_callback: whom it is for, who says it and where they can be reached, read back, then kept; the outbox does the rest.';

create function public.take_message(
  call_id uuid, request_id text, text text, for_person text default null, department text default null, caller_name text default null,
  number text default null, urgent boolean default false, confirmed boolean default false, again boolean default false,
  best_effort boolean default false, audio_path text default null
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_call(take_message.call_id);
begin
  return public._leave_word(me, 'take_message', take_message.request_id, take_message.for_person, take_message.department,
    take_message.caller_name, take_message.number, public._clean_text(take_message.text, 2000), take_message.urgent,
    take_message.confirmed, take_message.again, take_message.best_effort, take_message.audio_path);
end $$;
comment on function public.take_message(uuid, text, text, text, text, text, text, boolean, boolean, boolean, boolean, text) is 'Takes a message for a person, a department or the office, after it was read back.';

create function public.request_callback(
  call_id uuid, request_id text, for_person text default null, department text default null, caller_name text default null,
  number text default null, reason text default null, best_time text default null, urgent boolean default false,
  confirmed boolean default false, again boolean default false, best_effort boolean default false, audio_path text default null
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_call(request_callback.call_id);
begin
  return public._leave_word(me, 'request_callback', request_callback.request_id, request_callback.for_person, request_callback.department,
    request_callback.caller_name, request_callback.number,
    concat_ws(E'\n', coalesce(public._clean_text(request_callback.reason, 1800, false), 'Please call back.'),
      'Best time: ' || public._clean_text(request_callback.best_time, 100, false)),
    request_callback.urgent, request_callback.confirmed, request_callback.again, request_callback.best_effort, request_callback.audio_path);
end $$;
comment on function public.request_callback(uuid, text, text, text, text, text, text, text, boolean, boolean, boolean, boolean, text) is 'Asks a person, a department or the office to call back, after number and wish were read back.';

-- Grants -------------------------------------------------------------------------------------------------------------

revoke execute on all functions in schema public from public, anon;
grant execute on function
  public.company_facts(uuid, text), public.find_person(uuid, text, text),
  public.take_message(uuid, text, text, text, text, text, text, boolean, boolean, boolean, boolean, text),
  public.request_callback(uuid, text, text, text, text, text, text, text, boolean, boolean, boolean, boolean, text),
  -- Dispatchers write the rows whose words these work out.
  public._spoken(text), public._sounds(text), public._person_words(text, text[], text)
to authenticated, service_role;
