-- The customer's line by telephone: when is my technician coming, where is he now, a visit booked, moved or cancelled, a word
-- for the technician, and what was done last time.
--
-- Who calls is in two halves. The calling number says which customers it can be (`customers.phone`); the name or address
-- that the caller says decides which of them it is (`confirm_customer`). Until both fit, nothing private leaves these
-- functions, and a number that is no customer's can never become somebody else: it can only register as a new one. Wrong
-- names are rows, so they are counted across calls; like a wrong PIN they are answers and never exceptions.
--
-- Visits are booked against the technicians' own orders, by the same rules as the technician's follow-up: inside the
-- company's hours, not over another order, so many orders per technician and day as the company's settings say. Whoever books
-- or moves holds the rows of the company's technicians, and the follow-up holds the row of its technician: bookings of one
-- company queue, and the later one sees the earlier. They are taken in the order of their ids, so nobody waits in a circle.
--
-- The status of an order moves through `_move_order` alone, as everywhere.
--
-- Definer functions and why: all functions without an underscore, because the line's account has no table grants; each
-- checks that account first, through `_line_call` or `_line_customer`; `call_open` asks for it itself, as before. Those with an
-- underscore work with the rights of whoever calls.

alter table public.call_logs
  drop constraint call_logs_line_check,
  add constraint call_logs_line_check check (line in ('technician', 'customer', 'reception', 'outbound')),
  add column customer_confirmed_at timestamptz,
  add constraint call_logs_confirmed_is_somebody check (customer_confirmed_at is null or customer_id is not null);
comment on column public.call_logs.customer_id is 'The customer whose number it is: a guess until customer_confirmed_at is set.';
comment on column public.call_logs.customer_confirmed_at is 'When the caller''s name or address fitted, or the caller became a customer on this call.';

alter table public.work_order_notes add column from_customer boolean not null default false;
alter table public.work_order_notes_archive add column from_customer boolean not null default false;
comment on column public.work_order_notes.from_customer is 'The customer said it on the telephone; technician_id is null then.';
comment on column public.work_order_notes_archive.from_customer is 'The customer said it on the telephone; technician_id is null then.';
comment on column public.work_order_notes.technician_id is 'Null when the office or the customer wrote it.';

create table public.customer_checks (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  call_id uuid not null,
  from_number varchar(16) not null,
  customer_id bigint,
  succeeded boolean not null,
  created_at timestamptz not null default public.fieldline_now(),
  foreign key (company_id, call_id) references public.call_logs (company_id, id) on delete restrict,
  foreign key (company_id, customer_id) references public.customers (company_id, id) on delete restrict
);
comment on table public.customer_checks is 'Every try of a caller to be a customer by name or address, right or wrong. What was said is not kept.';
create index customer_checks_number_idx on public.customer_checks (company_id, from_number, created_at);
create index customer_checks_call_idx on public.customer_checks (company_id, call_id);
create index customer_checks_customer_idx on public.customer_checks (company_id, customer_id);
alter table public.customer_checks enable row level security;
revoke all on public.customer_checks from anon, authenticated;
grant select on public.customer_checks to authenticated;
create policy "Dispatchers see who tried to be a customer" on public.customer_checks
  for select to authenticated using (company_id in (select public.my_companies('dispatcher')));

-- ---------------------------------------------------------------------------------------------------------------------
-- A customer's call

create function public._line_of(guess jsonb) returns text
language sql immutable set search_path = ''
as $$ select case guess ->> 'kind' when 'technician' then 'technician' when 'customer' then 'customer' else 'reception' end $$;
comment on function public._line_of(jsonb) is 'Which line answers a caller of whom this is guessed.';

create or replace function public.call_open(
  room text, from_number text, to_number text, sip_call_id text default null, worker text default null, job text default null
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  caller text := case when call_open.from_number ~ '^\+[1-9][0-9]{6,14}$' then call_open.from_number end;
  company uuid;
  call public.call_logs;
  guess jsonb;
  resumed boolean := false;
begin
  perform public._line_account();
  select n.company_id into company from public.phone_numbers n where n.number = call_open.to_number and n.active;
  if company is null then
    insert into public.unrouted_calls (room, from_number, to_number, sip_call_id)
      values (call_open.room, call_open.from_number, coalesce(call_open.to_number, ''), call_open.sip_call_id)
      on conflict on constraint unrouted_calls_pkey do nothing;
    return jsonb_build_object('unknown_number', true, 'to_number', call_open.to_number);
  end if;
  guess := public._guess_caller(company, caller);
  insert into public.call_logs (company_id, line, from_number, to_number, room, sip_call_id, caller_name, employee_id, customer_id)
    values (company, public._line_of(guess), caller, call_open.to_number,
      call_open.room, call_open.sip_call_id, guess ->> 'name',
      case when guess ->> 'kind' = 'employee' then (guess ->> 'id')::uuid end,
      case when guess ->> 'kind' = 'customer' then (guess ->> 'id')::bigint end)
    on conflict on constraint call_logs_room_key do nothing
    returning * into call;
  if call.id is null then
    -- Two jobs for one room queue here; the later one is the one that talks.
    select c.* into call from public.call_logs c where c.room = call_open.room for update;
    if call.status <> 'in_progress' or call.company_id <> company then
      perform public._refuse('FL003', 'call_closed', jsonb_build_object('end_reason', call.end_reason),
        'This call has already ended. Please call again.');
    end if;
    resumed := true;
  end if;
  return public._call_facts(call) || jsonb_build_object(
    'session_id', public._start_session(call, call_open.worker, call_open.job),
    'resumed', resumed,
    'next_sequence', 1);
end $$;

create function public._house_words(value text) returns text
language plpgsql immutable set search_path = ''
as $$
declare
  word text;
  number bigint;
  part bigint;
  last_word text := '';
  said text := '';
begin
  foreach word in array string_to_array(public._spoken(value), ' ') loop
    part := public._number_word(word);
    if word in ('hundred', 'thousand') and coalesce(number, 1) between 1 and 999 then
      number := coalesce(number, 1) * case word when 'hundred' then 100 else 1000 end;
    elsif word = 'and' and last_word in ('hundred', 'thousand') then
      continue;
    elsif part is not null and (number is null or char_length(number::text || part::text) > 9) then
      said := concat_ws(' ', nullif(said, ''), number);
      number := part;
    elsif part is not null and (last_word in ('hundred', 'thousand')
        or (last_word in ('twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety') and part between 1 and 9)) then
      number := number + part;
    elsif part is not null then
      -- "Twelve oh five" and "one two zero five" are the same house.
      number := (number::text || part::text)::bigint;
    else
      said := concat_ws(' ', nullif(said, ''), number, nullif(word, ''));
      number := null;
    end if;
    last_word := word;
  end loop;
  return concat_ws(' ', nullif(said, ''), number);
end $$;
comment on function public._house_words(text) is 'Words without case and punctuation, numbers in digits: "Twelve Hundred River Road" is "1200 river road".';

create function public._customer_words(value text) returns text[]
language sql immutable set search_path = ''
as $$
  select array(
    select w.word from regexp_split_to_table(public._house_words(value), '\s+') with ordinality w (word, n)
    where w.word <> '' and w.word <> all (array['a', 'an', 'the', 'of', 'and', 'at', 'in', 'from', 'is', 'its', 'it', 'this', 'that', 'my', 'our', 'name',
      'names', 'address', 'calling', 'speaking', 'here', 'with', 'we', 'i', 'im', 'am', 'are', 'me', 'mister', 'mr', 'mrs', 'missus', 'ms', 'miss',
      'doctor', 'please', 'yes', 'hi', 'hello', 'account', 'for', 'on', 'under', 'would', 'be', 'live', 'located', 'corp', 'inc', 'llc', 'ltd',
      'incorporated', 'corporation', 'limited'])
    order by w.n limit 12)
$$;
comment on function public._customer_words(text) is 'The words of a name or address that tell it from others; twelve at most.';

create function public._same_word(a text, b text) returns boolean
language sql immutable set search_path = ''
as $$
  select a = b or (a !~ '[0-9]' and b !~ '[0-9]' and (
    extensions.similarity(a, b) >= 0.5
    or (public._sounds(a) && public._sounds(b) and extensions.similarity(a, b) >= 0.1)))
$$;
comment on function public._same_word(text, text) is 'Whether two words are the same to the ear: numbers exactly, other words by letters or sound.';

create function public._words_fit(wanted text[], heard text[], share real) returns boolean
language sql immutable set search_path = ''
as $$
  -- Most of the name has to be said, and most of what is said has to be of it: a list of names fits nobody.
  select cardinality(wanted) > 0 and cardinality(heard) > 0
    and (select avg(exists (select from unnest(heard) h (word) where public._same_word(w.word, h.word))::integer) from unnest(wanted) w (word)) >= share
    and (select avg(exists (select from unnest(wanted) w (word) where public._same_word(w.word, h.word))::integer) from unnest(heard) h (word)) >= 0.5
$$;
comment on function public._words_fit(text[], text[], real) is 'Whether such a share of the wanted words was heard, among not too many others.';

create function public._address_fits(address text, heard text[]) returns boolean
language sql immutable set search_path = ''
as $$
  -- House number and street make an address; the city may be said or not.
  select public._words_fit(array(
      select w.word from unnest(public._customer_words(split_part(address, ',', 1))) w (word)
      where w.word <> all (array['street', 'st', 'road', 'rd', 'drive', 'dr', 'avenue', 'ave', 'way', 'lane', 'ln', 'boulevard', 'blvd', 'court', 'place'])),
    array(
      select h.word from unnest(heard) h (word)
      where h.word <> all (array['street', 'st', 'road', 'rd', 'drive', 'dr', 'avenue', 'ave', 'way', 'lane', 'ln', 'boulevard', 'blvd', 'court', 'place'])
        and not exists (select from unnest(public._customer_words(substr(address, strpos(address || ',', ',') + 1))) c (word) where public._same_word(c.word, h.word))),
    1)
$$;
comment on function public._address_fits(text, text[]) is 'Whether house number and street of an address were heard.';

create function public._wrong_names(me public.line_identity, on_call boolean) returns bigint
language sql stable set search_path = ''
as $$
  select count(*) from public.customer_checks c
  where c.company_id = me.company_id and c.from_number = me.from_number and not c.succeeded
    and (c.call_id = me.call_id or not on_call) and c.created_at > public.fieldline_now() - interval '1 day'
$$;
comment on function public._wrong_names(public.line_identity, boolean) is 'How often this number named itself wrongly: on this call, or within a day.';

create function public._names_left(me public.line_identity) returns bigint
language sql stable set search_path = ''
as $$ select greatest(least(3 - public._wrong_names(me, true), 6 - public._wrong_names(me, false)), 0) $$;
comment on function public._names_left(public.line_identity) is 'Tries that are left: three a call, six a day from one number.';

create function public._line_customer(call_id uuid) returns public.line_identity
language plpgsql volatile security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_call(_line_customer.call_id);
begin
  if not exists (select from public.call_logs c where c.id = me.call_id and c.customer_confirmed_at is not null) then
    if not exists (select from public.customers c where c.company_id = me.company_id and c.phone = me.from_number) then
      perform public._refuse('FL101', 'customer_unknown', jsonb_build_object('withheld', me.from_number is null),
        'I do not know this number. I can write you down as a new customer.');
    elsif public._names_left(me) = 0 then
      perform public._refuse('FL102', 'customer_locked', '{}', 'I could not make sure who is calling. The office can help you.');
    end if;
    perform public._refuse('FL100', 'not_confirmed', '{}', 'Which name or address is it?');
  end if;
  perform public._act_as('agent', me.call_id::text);
  return me;
end $$;
comment on function public._line_customer(uuid) is 'As _line_call, for what only a customer may do: demands a caller whose number and name or address fitted, and names the agent as the actor.';

create function public._customer(me public.line_identity) returns public.customers
language sql stable set search_path = ''
as $$
  select c.* from public.call_logs l join public.customers c on c.company_id = l.company_id and c.id = l.customer_id
  where l.id = me.call_id and l.customer_confirmed_at is not null
$$;
comment on function public._customer(public.line_identity) is 'The customer that a call has proved to be; null for none.';

create function public._confirm(me public.line_identity, customer public.customers) returns void
language sql set search_path = ''
as $$
  update public.call_logs c set customer_id = customer.id, customer_confirmed_at = public.fieldline_now(), caller_name = customer.name,
    line = 'customer', last_activity_at = public.fieldline_now()
  where c.id = me.call_id
$$;
comment on function public._confirm(public.line_identity, public.customers) is 'From here on the call speaks for this customer.';

create function public.confirm_customer(call_id uuid, heard_name text default null, heard_address text default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_call(confirm_customer.call_id);
  customer public.customers := public._customer(me);
  words text[];
begin
  if customer.id is not null then
    return jsonb_build_object('confirmed', true, 'name', customer.name, 'already', true);
  elsif not exists (select from public.customers c where c.company_id = me.company_id and c.phone = me.from_number) then
    return jsonb_build_object('confirmed', false, 'reason', 'unknown', 'tries_left', 0);
  end if;
  words := public._customer_words(public._clean_text(concat_ws(' ', confirm_customer.heard_name, confirm_customer.heard_address), 300));
  -- Tries from one number queue: ten at once are still ten tries.
  perform pg_advisory_xact_lock(hashtextextended(me.company_id::text || ' name ' || me.from_number, 0));
  if public._names_left(me) = 0 then
    return jsonb_build_object('confirmed', false, 'reason', 'locked', 'tries_left', 0);
  end if;
  select c.* into customer from public.customers c
  where c.company_id = me.company_id and c.phone = me.from_number
    and (public._words_fit(public._customer_words(c.name), words, 0.66) or public._address_fits(c.address, words)
      or (public._words_fit(public._customer_words(c.name), public._customer_words(confirm_customer.heard_name), 0.66)))
  order by c.id limit 1;
  insert into public.customer_checks (company_id, call_id, from_number, customer_id, succeeded)
  values (me.company_id, me.call_id, me.from_number, customer.id, customer.id is not null);
  if customer.id is not null then
    perform public._confirm(me, customer);
    return jsonb_build_object('confirmed', true, 'name', customer.name, 'already', false);
  elsif public._names_left(me) > 0 then
    return jsonb_build_object('confirmed', false, 'reason', 'wrong', 'tries_left', public._names_left(me));
  end if;
  perform public._notify_office(me.company_id, 'lockout', format('Somebody at %s could not say which customer they are.', me.from_number));
  return jsonb_build_object('confirmed', false, 'reason', 'locked', 'tries_left', 0);
end $$;
comment on function public.confirm_customer(uuid, text, text) is 'Makes a call a customer''s: the number has to be theirs, and the name or address has to fit. A wrong one is an answer (wrong, locked, unknown), never an exception, so that it stays counted.';

create function public.register_customer(call_id uuid, request_id text, name text, address text, number text default null, confirmed boolean default false)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_call(register_customer.call_id);
  answer jsonb := public._answered(me, 'register_customer', register_customer.request_id);
  call public.call_logs;
  customer public.customers := public._customer(me);
  facts jsonb;
begin
  if answer is not null then
    return answer;
  elsif customer.id is not null then
    return public._keep_answer(me, 'register_customer', register_customer.request_id, '{}',
      jsonb_build_object('name', customer.name, 'address', customer.address, 'number', customer.phone, 'already', true));
  end if;
  select c.* into call from public.call_logs c where c.id = me.call_id;
  facts := jsonb_build_object('name', public._clean_text(register_customer.name, 100), 'address', public._clean_text(register_customer.address, 300),
    'number', public._number_said(coalesce(nullif(btrim(register_customer.number), ''), me.from_number), call));
  if facts ->> 'number' is null then
    perform public._refuse('FL085', 'bad_number', jsonb_build_object('heard', left(register_customer.number, 100)), 'Which number can you be reached at?');
  elsif (select count(*) from public.line_requests r join public.call_logs c on c.id = r.call_id
      where r.function = 'register_customer' and c.company_id = me.company_id and c.from_number is not distinct from me.from_number
        and r.created_at > public.fieldline_now() - interval '1 day') >= (case when me.from_number is null then 20 else 3 end) then
    perform public._refuse('FL109', 'too_many_bookings', '{}', 'I cannot book any more for you by telephone. The office can help you.');
  elsif not coalesce(register_customer.confirmed, false) then
    perform public._refuse('FL108', 'confirm_registration', facts, 'Is that right?');
  end if;
  perform public._act_as('agent', me.call_id::text);
  insert into public.customers (company_id, name, address, phone) values (me.company_id, facts ->> 'name', facts ->> 'address', facts ->> 'number')
  returning * into customer;
  perform public._confirm(me, customer);
  perform public._notify_office(me.company_id, 'system', format('New customer by telephone: %s, %s, %s.', customer.name, customer.address, customer.phone));
  return public._keep_answer(me, 'register_customer', register_customer.request_id, facts, facts || '{"already": false}');
end $$;
comment on function public.register_customer(uuid, text, text, text, text, boolean) is 'A caller who is nobody''s customer yet becomes one, after name, address and number were read back. It never becomes somebody who is one already.';

-- ---------------------------------------------------------------------------------------------------------------------
-- When is he coming, and where is he now

create function public._drive_minutes(customer_id bigint, company_id uuid) returns integer
language sql stable set search_path = ''
as $$
  select case when count(*) >= 3 then round(percentile_cont(0.5) within group (order by extract(epoch from t.travel_end_time - t.travel_start_time)) / 60)::integer end
  from public.work_orders w
  join public.travel_logs t on t.company_id = w.company_id and t.work_order_id = w.id
  where w.company_id = _drive_minutes.company_id and w.customer_id = _drive_minutes.customer_id
    and t.travel_end_time is not null and t.travel_start_time > public.fieldline_now() - interval '1 year'
$$;
comment on function public._drive_minutes(bigint, uuid) is 'How long drives to a customer take: the middle of those of a year, null when there are fewer than three.';

create function public._visit_facts(visit public.work_orders) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  drive public.travel_logs;
  state text;
begin
  select t.* into drive from public.travel_logs t
  where t.company_id = visit.company_id and t.work_order_id = visit.id and t.technician_id = visit.assigned_technician_id and t.travel_end_time is null;
  state := case when visit.status = 'in_progress' then 'arrived' when visit.status = 'completed' then 'done' when visit.status = 'cancelled' then 'cancelled'
    when drive.id is not null then 'on_the_way' else 'planned' end;
  return (
    select jsonb_build_object(
      'number', visit.number, 'title', visit.title, 'state', state, 'technician', public._technician_name(visit.assigned_technician_id),
      'scheduled_for', public._utc(visit.scheduled_for), 'local_date', to_char(visit.scheduled_for at time zone z.zone, 'YYYY-MM-DD'),
      'weekday', to_char(visit.scheduled_for at time zone z.zone, 'FMDay'), 'local_time', to_char(visit.scheduled_for at time zone z.zone, 'HH24:MI'),
      'left_at', public._utc(drive.travel_start_time), 'usual_minutes', case when state = 'on_the_way' then public._drive_minutes(visit.customer_id, visit.company_id) end,
      'arrived_at', public._utc(visit.started_at), 'done_at', public._utc(visit.completed_at),
      'overdue', state = 'planned' and visit.scheduled_for < public.fieldline_now(),
      -- Where he is instead is another customer's business; that he is at work is not.
      'elsewhere', state = 'planned' and (visit.scheduled_for at time zone z.zone)::date <= (public.fieldline_now() at time zone z.zone)::date and exists (
        select from public.work_orders o where o.company_id = visit.company_id and o.assigned_technician_id = visit.assigned_technician_id
          and o.status in ('pending', 'scheduled', 'in_progress') and o.status = 'in_progress' and o.id <> visit.id))
    from public._company_zone(visit.company_id) as z (zone)
  );
end $$;
comment on function public._visit_facts(public.work_orders) is 'A visit as its customer may hear of it: when, who, and whether he is planned, on the way, there or done.';

create function public._visits_ahead(me public.line_identity, customer public.customers) returns setof public.work_orders
language sql stable set search_path = ''
as $$
  -- A week back as well: what was planned and not done is still to come.
  select w.* from public.work_orders w
  where w.company_id = me.company_id and w.customer_id = customer.id
    and w.status in ('pending', 'scheduled', 'in_progress')
    and (w.status = 'in_progress' or w.scheduled_for is null or w.scheduled_for >= (public._today(me) - 7)::timestamp at time zone me.zone)
  order by w.status <> 'in_progress', w.scheduled_for, w.number
$$;
comment on function public._visits_ahead(public.line_identity, public.customers) is 'A customer''s visits that are not over.';

create function public.my_visits(call_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_customer(my_visits.call_id);
  customer public.customers := public._customer(me);
begin
  return jsonb_build_object('today', to_char(public._today(me), 'YYYY-MM-DD'), 'visits', (
    select coalesce(jsonb_agg(public._visit_facts(v.visit) order by v.n), '[]')
    from (
      select x.visit, row_number() over (order by x.rank, x.at) as n
      from (
        select w as visit, 1 as rank, w.scheduled_for as at from public._visits_ahead(me, customer) w
        union all
        select w, 2, w.completed_at from public.work_orders w
        where w.company_id = me.company_id and w.customer_id = customer.id and w.status = 'completed'
          and w.completed_at >= public._today(me)::timestamp at time zone me.zone
      ) x
      order by 2 limit 5
    ) v));
end $$;
comment on function public.my_visits(uuid) is 'The visits that the calling customer waits for, with where the technician is, and those done today; five at most.';

create function public.last_visit(call_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_customer(last_visit.call_id);
  customer public.customers := public._customer(me);
  visit public.work_orders;
begin
  select w.* into visit from public.work_orders w
  where w.company_id = me.company_id and w.customer_id = customer.id and w.status = 'completed'
  order by w.completed_at desc, w.number desc limit 1;
  return jsonb_build_object('visit', case when visit.id is not null then public._visit_facts(visit)
    || jsonb_build_object('done_date', to_char(visit.completed_at at time zone me.zone, 'YYYY-MM-DD'), 'summary', visit.completion_summary) end);
end $$;
comment on function public.last_visit(uuid) is 'What was done at the calling customer''s the last time, or null.';

create or replace function public._notes_of(job public.work_orders) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('text', n.note_text,
    'by', coalesce(public._technician_name(n.technician_id), case when n.from_customer then 'the customer' else 'the office' end),
    'at', public._utc(n.created_at)) order by n.created_at, n.id), '[]')
  from (
    select x.* from public.work_order_notes x
    where x.company_id = job.company_id and x.work_order_id = job.id and x.deleted_at is null
    order by x.created_at desc, x.id desc limit 10
  ) n
$$;

-- ---------------------------------------------------------------------------------------------------------------------
-- Free times

create function public._visits_per_day(company_id uuid) returns integer
language sql stable set search_path = ''
as $$ select coalesce((select (i.settings ->> 'visits_per_day')::integer from public.company_info i where i.company_id = _visits_per_day.company_id), 2) $$;
comment on function public._visits_per_day(uuid) is 'Orders that a technician gets on one day: the company''s setting, else two.';

create function public._slot_length(company_id uuid) returns interval
language sql stable set search_path = ''
as $$
  select coalesce((select make_interval(mins => (i.settings ->> 'booking_slot_minutes')::integer) from public.company_info i
    where i.company_id = _slot_length.company_id), public._visit_length())
$$;
comment on function public._slot_length(uuid) is 'How long a visit is that a customer books: the company''s setting, else as long as a follow-up.';

-- The follow-up's rule, with the company's number instead of its own.
create or replace function public._check_day(me public.line_identity, day date) returns void
language plpgsql stable set search_path = ''
as $$
declare
  facts jsonb := jsonb_build_object('date', to_char(day, 'YYYY-MM-DD'), 'weekday', to_char(day, 'FMDay'));
begin
  if day < public._today(me) then
    perform public._refuse('FL051', 'date_in_past', facts, 'That day is over.');
  elsif isempty(public._day_open(me, day)) then
    perform public._refuse('FL053', 'outside_hours', facts || '{"opens": null, "closes": null}', 'The company does not work that day.');
  elsif (select count(*) from public._jobs_on(me, day)) >= public._visits_per_day(me.company_id) then
    perform public._refuse('FL052', 'day_full', facts, 'You already have as many work orders that day as one gets.');
  end if;
end $$;
comment on function public._check_day(public.line_identity, date) is 'A visit can be booked on a day that is not over, on which the company works and the caller has fewer orders than one gets.';

create function public._technicians_on(me public.line_identity, day date, moving bigint) returns setof bigint
language sql stable set search_path = ''
as $$
  select t.id from public.technicians t
  where t.company_id = me.company_id and t.active and (
    select count(*) from public.work_orders w
    where w.company_id = t.company_id and w.assigned_technician_id = t.id and w.status <> 'cancelled' and w.id is distinct from moving
      and w.scheduled_for >= day::timestamp at time zone me.zone and w.scheduled_for < (day + 1)::timestamp at time zone me.zone
  ) < public._visits_per_day(me.company_id)
$$;
comment on function public._technicians_on(public.line_identity, date, bigint) is 'Technicians who can take one more order on a day; the order that is being moved does not count.';

create function public._has_time(company_id uuid, technician_id bigint, begins timestamptz, length interval, moving bigint) returns boolean
language sql stable set search_path = ''
as $$
  select not exists (
    select from public.work_orders w
    where w.company_id = _has_time.company_id and w.assigned_technician_id = _has_time.technician_id and w.id is distinct from moving
      and w.status in ('pending', 'scheduled', 'in_progress')
      and w.scheduled_for > begins - interval '1 day' and w.scheduled_for < begins + length
      and coalesce(w.ends_at, w.scheduled_for + length) > begins)
$$;
comment on function public._has_time(uuid, bigint, timestamptz, interval, bigint) is 'Whether no order of a technician''s lies over such a time.';

create function public._who_comes(me public.line_identity, customer_id bigint, begins timestamptz, moving bigint) returns bigint
language sql stable set search_path = ''
as $$
  select t.id from public._technicians_on(me, (begins at time zone me.zone)::date, moving) as t (id)
  where public._has_time(me.company_id, t.id, begins, public._slot_length(me.company_id), moving)
  -- Who has the visit keeps it; else who was there last, since he knows the place; else who has least to do that day.
  order by t.id = (select w.assigned_technician_id from public.work_orders w where w.id = moving) desc nulls last,
    t.id = (select w.assigned_technician_id from public.work_orders w
      where w.company_id = me.company_id and w.customer_id = _who_comes.customer_id and w.status = 'completed' order by w.completed_at desc limit 1) desc nulls last,
    (select count(*) from public.work_orders w
      where w.company_id = me.company_id and w.assigned_technician_id = t.id and w.status <> 'cancelled'
        and (w.scheduled_for at time zone me.zone)::date = (begins at time zone me.zone)::date
        and w.scheduled_for between begins - interval '1 day' and begins + interval '1 day'),
    t.id
  limit 1
$$;
comment on function public._who_comes(public.line_identity, bigint, timestamptz, bigint) is 'The technician for a visit that begins then, or null when nobody has time.';

create function public._open_starts(me public.line_identity, customer public.customers, day date, part_of_day text, moving bigint)
returns table (begins timestamptz, afternoon boolean, preferred boolean)
language sql stable set search_path = ''
as $$
  with free as materialized (select t.id from public._technicians_on(me, day, moving) as t (id)),
  length as materialized (select public._slot_length(me.company_id) as it),
  starts as (select h.hour, (day + make_time(h.hour, 0, 0)) at time zone me.zone as begins from generate_series(6, 20) as h (hour))
  select s.begins, s.hour >= 12,
    coalesce(make_time(s.hour, 0, 0) >= customer.preferred_schedule_start and make_time(s.hour, 0, 0) < customer.preferred_schedule_end, false)
  from starts s, length l
  where s.begins > public.fieldline_now() + interval '1 hour'
    and public._day_open(me, day) @> tstzrange(s.begins, s.begins + l.it)
    and case part_of_day when 'morning' then s.hour < 12 when 'afternoon' then s.hour >= 12 else true end
    and exists (select from free f where public._has_time(me.company_id, f.id, s.begins, l.it, moving))
  order by 3 desc, 1
$$;
comment on function public._open_starts(public.line_identity, public.customers, date, text, bigint) is
  'When a visit can begin on a day: on the hour, an hour from now at the earliest, inside the company''s hours, when a technician has time; what the customer prefers first.';

create function public._offers(me public.line_identity, customer public.customers, since date, part_of_day text, at_most integer, moving bigint default null)
returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  found jsonb := '[]';
begin
  for ahead in 0 .. 30 loop
    -- One in the morning and one in the afternoon: who hears five times of one day remembers none.
    found := found || coalesce((
      select jsonb_agg(jsonb_build_object('starts_at', public._utc(o.begins), 'date', to_char(o.begins at time zone me.zone, 'YYYY-MM-DD'),
        'weekday', to_char(o.begins at time zone me.zone, 'FMDay'), 'time', to_char(o.begins at time zone me.zone, 'HH24:MI')) order by o.preferred desc, o.begins)
      from (
        select distinct on (s.afternoon) s.begins, s.preferred
        from public._open_starts(me, customer, since + ahead, part_of_day, moving) s order by s.afternoon, s.preferred desc, s.begins
      ) o), '[]');
    exit when jsonb_array_length(found) >= at_most;
  end loop;
  return (select coalesce(jsonb_agg(f.value order by f.n), '[]') from jsonb_array_elements(found) with ordinality f (value, n) where f.n <= at_most);
end $$;
comment on function public._offers(public.line_identity, public.customers, date, text, integer, bigint) is 'The next free times from a day on, a month ahead, as many as are asked for.';

create function public._part_of_day(heard text) returns text
language sql immutable set search_path = ''
as $$ select case when lower(heard) ~ 'morning' and public._time_of(heard) is null then 'morning' when lower(heard) ~ 'afternoon|evening' and public._time_of(heard) is null then 'afternoon' end $$;
comment on function public._part_of_day(text) is 'Morning or afternoon, when that is all that was said.';

create function public._day_wanted(me public.line_identity, heard text) returns date
language plpgsql stable set search_path = ''
as $$
declare
  wanted date := case when nullif(btrim(heard), '') is not null then public._day_of(heard, public._today(me)) end;
begin
  if wanted < public._today(me) then
    perform public._refuse('FL051', 'date_in_past', jsonb_build_object('date', to_char(wanted, 'YYYY-MM-DD'), 'weekday', to_char(wanted, 'FMDay')), 'That day is over.');
  elsif wanted > public._today(me) + 120 then
    perform public._refuse('FL115', 'day_too_far', jsonb_build_object('date', to_char(wanted, 'YYYY-MM-DD'), 'latest', to_char(public._today(me) + 120, 'YYYY-MM-DD')),
      'That is too far ahead.');
  end if;
  return wanted;
end $$;
comment on function public._day_wanted(public.line_identity, text) is 'The day that a customer means, or null for any; not over, and at most 120 days ahead.';

create function public.free_slots(call_id uuid, day text default null, time_of_day text default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_call(free_slots.call_id);
  wanted date := public._day_wanted(me, free_slots.day);
  part text := public._part_of_day(free_slots.time_of_day);
  slots jsonb := public._offers(me, public._customer(me), coalesce(wanted, public._today(me)), part, 3);
begin
  return jsonb_build_object('date', to_char(wanted, 'YYYY-MM-DD'), 'time_of_day', part, 'slots', slots);
end $$;
comment on function public.free_slots(uuid, text, text) is 'The next three times at which a technician could come, from a day on if one is named. For anybody: it tells nothing about anybody.';

create function public._begin_of_visit(me public.line_identity, customer public.customers, day text, heard text, moving bigint default null) returns timestamptz
language plpgsql stable set search_path = ''
as $$
declare
  wanted date := public._day_wanted(me, day);
  part text := public._part_of_day(heard);
  at time := case when part is null then public._time_of(heard) end;
  begins timestamptz;
  facts jsonb := jsonb_build_object('date', to_char(wanted, 'YYYY-MM-DD'), 'weekday', to_char(wanted, 'FMDay'), 'time', to_char(at, 'HH24:MI'), 'part', part);
begin
  if nullif(btrim(heard), '') is not null and part is null and at is null then
    perform public._bad_date(heard);
  elsif wanted is not null and isempty(public._day_open(me, wanted)) then
    perform public._refuse('FL053', 'outside_hours', facts || '{"opens": null, "closes": null}', 'The company does not work that day.');
  elsif at is not null and wanted is not null then
    begins := (wanted + at) at time zone me.zone;
    return public._check_begin(me, customer, begins, moving);
  elsif at is not null then
    select (d.day + at) at time zone me.zone into begins
    from (select public._today(me) + n as day from generate_series(0, 14) n) d
    where (d.day + at) at time zone me.zone > public.fieldline_now() + interval '1 hour'
      and public._day_open(me, d.day) @> tstzrange((d.day + at) at time zone me.zone, (d.day + at) at time zone me.zone + public._slot_length(me.company_id))
      and public._who_comes(me, customer.id, (d.day + at) at time zone me.zone, moving) is not null
    order by d.day limit 1;
  elsif wanted is not null then
    select s.begins into begins from public._open_starts(me, customer, wanted, part, moving) s limit 1;
  else
    begins := (public._offers(me, customer, public._today(me), part, 1, moving) #>> '{0,starts_at}')::timestamptz;
  end if;
  if begins is null then
    perform public._refuse('FL114', 'no_slot', facts || jsonb_build_object('slots', public._offers(me, customer, coalesce(wanted, public._today(me)), null, 2, moving)),
      'There is nothing free then.');
  end if;
  return begins;
end $$;
comment on function public._begin_of_visit(public.line_identity, public.customers, text, text, bigint) is 'When a visit begins that a customer wants on a day (or any) at a time (or any, or morning or afternoon): as said if it fits, else the first free time.';

create function public._check_begin(me public.line_identity, customer public.customers, begins timestamptz, moving bigint) returns timestamptz
language plpgsql stable set search_path = ''
as $$
declare
  day date := (begins at time zone me.zone)::date;
  hours tstzmultirange := public._day_open(me, day);
  facts jsonb := jsonb_build_object('date', to_char(day, 'YYYY-MM-DD'), 'weekday', to_char(day, 'FMDay'), 'time', to_char(begins at time zone me.zone, 'HH24:MI'));
begin
  if begins <= public.fieldline_now() then
    perform public._refuse('FL051', 'date_in_past', facts, 'That time is over.');
  elsif not hours @> tstzrange(begins, begins + public._slot_length(me.company_id)) then
    perform public._refuse('FL053', 'outside_hours', facts || jsonb_build_object(
      'opens', to_char(lower(hours) at time zone me.zone, 'HH24:MI'), 'closes', to_char(upper(hours) at time zone me.zone, 'HH24:MI')),
      'A visit at that time does not fit into the working hours.');
  elsif public._who_comes(me, customer.id, begins, moving) is null then
    perform public._refuse('FL113', 'slot_taken', facts || jsonb_build_object('slots', public._offers(me, customer, day, null, 2, moving)), 'Nobody is free then.');
  end if;
  return begins;
end $$;
comment on function public._check_begin(public.line_identity, public.customers, timestamptz, bigint) is 'A visit has to lie ahead, inside the working hours from start to end, and somebody must have time.';

create function public._hold_technicians(me public.line_identity) returns void
language plpgsql set search_path = ''
as $$
begin
  perform from public.technicians t where t.company_id = me.company_id and t.active order by t.id for no key update;
end $$;
comment on function public._hold_technicians(public.line_identity) is 'Until the transaction ends nobody else books a visit of this company: customers hold all its technicians, a follow-up holds its own.';

create function public._when_facts(me public.line_identity, begins timestamptz) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object('starts_at', public._utc(begins), 'date', to_char(l.at, 'YYYY-MM-DD'), 'weekday', to_char(l.at, 'FMDay'), 'time', to_char(l.at, 'HH24:MI'))
  from (select begins at time zone me.zone as at) l
$$;
comment on function public._when_facts(public.line_identity, timestamptz) is 'A moment as a caller hears it.';

-- ---------------------------------------------------------------------------------------------------------------------
-- Booking, moving, cancelling

create function public._order_type_of(reason text) returns text
language sql immutable set search_path = ''
as $$
  select case
    when lower(reason) ~ '\m(install|installed|installation|mount|new camera|new cameras|new system)' then 'new_installation'
    when lower(reason) ~ '\m(upgrade|replace our|bigger)' then 'system_upgrade'
    when lower(reason) ~ '\m(maintenance|inspection|yearly|annual|check ?up|cleaning|service)' then 'maintenance'
    else 'repair'
  end
$$;
comment on function public._order_type_of(text) is 'What kind of order a caller''s words ask for; the office may change it.';

create function public._insert_visit(me public.line_identity, customer public.customers, technician bigint, begins timestamptz, reason text) returns public.work_orders
language sql set search_path = ''
as $$
  insert into public.work_orders (company_id, customer_id, title, brief_description, full_summary, order_type, status, assigned_technician_id,
    created_by_type, created_by_id, scheduled_for, ends_at)
  values (me.company_id, customer.id,
    case public._order_type_of(reason) when 'new_installation' then 'Installation' when 'system_upgrade' then 'Upgrade' when 'maintenance' then 'Maintenance' else 'Repair' end,
    reason, 'Booked by the customer by telephone: ' || reason, public._order_type_of(reason), 'scheduled', technician,
    'agent', me.call_id::text, begins, begins + public._slot_length(me.company_id))
  returning *
$$;
comment on function public._insert_visit(public.line_identity, public.customers, bigint, timestamptz, text) is 'Writes the order of a visit that a customer booked.';

create function public._tell_technician(visit public.work_orders, technician_id bigint, words text, me public.line_identity) returns void
language sql set search_path = ''
as $$
  insert into public.notifications (company_id, notification_type, message, work_order_id, technician_id, priority)
  select visit.company_id, 'system', words, visit.id, _tell_technician.technician_id, 'high'
  where _tell_technician.technician_id is not null and (visit.scheduled_for at time zone me.zone)::date <= public._today(me) + 1
$$;
comment on function public._tell_technician(public.work_orders, bigint, text, public.line_identity) is 'A technician hears of what changes today or tomorrow; later days he reads as they are then.';

create function public.book_visit(
  call_id uuid, request_id text, reason text, day text default null, time_of_day text default null, confirmed boolean default false, again boolean default false
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_customer(book_visit.call_id);
  answer jsonb := public._answered(me, 'book_visit', book_visit.request_id);
  customer public.customers := public._customer(me);
  words text;
  key jsonb;
  begins timestamptz;
  visit public.work_orders;
begin
  if answer is not null then
    return answer;
  end if;
  words := public._clean_text(book_visit.reason, 300);
  -- The reason is not part of it: a model words it differently each time, and the visit would be the same one.
  key := jsonb_build_object('customer', customer.id, 'day', public._day_wanted(me, book_visit.day), 'time', coalesce(lower(btrim(book_visit.time_of_day)), ''));
  answer := public._just_done(me, 'book_visit', key, book_visit.again);
  if answer is null then
    if coalesce(book_visit.confirmed, false) then
      perform public._hold_technicians(me);
    end if;
    if (select count(*) from public.work_orders w where w.company_id = me.company_id and w.customer_id = customer.id and w.created_by_type = 'agent'
        and w.status in ('pending', 'scheduled') and w.scheduled_for > public.fieldline_now()) >= 5 then
      perform public._refuse('FL109', 'too_many_bookings', '{}', 'I cannot book any more for you by telephone. The office can help you.');
    end if;
    begins := public._begin_of_visit(me, customer, book_visit.day, book_visit.time_of_day);
    if not coalesce(book_visit.confirmed, false) then
      perform public._refuse('FL110', 'confirm_booking', public._when_facts(me, begins) || jsonb_build_object('reason', words, 'address', customer.address,
        'pins', jsonb_build_object('day', public._when_facts(me, begins) ->> 'date', 'time', public._when_facts(me, begins) ->> 'time')), 'Shall I book that?');
    end if;
    visit := public._insert_visit(me, customer, public._who_comes(me, customer.id, begins, null), begins, words);
    perform public._tell_technician(visit, visit.assigned_technician_id, format('A new visit: work order %s at %s, %s.', visit.number, customer.name,
      to_char(begins at time zone me.zone, 'FMDay HH24:MI')), me);
    perform public._notify_office(me.company_id, 'system', format('%s booked a visit by telephone: work order %s, %s.', customer.name, visit.number, words), visit.id);
    answer := jsonb_build_object('visit', public._visit_facts(visit), 'repeated', false);
  end if;
  return public._keep_answer(me, 'book_visit', book_visit.request_id, key, answer);
end $$;
comment on function public.book_visit(uuid, text, text, text, text, boolean, boolean) is 'Books a visit for the calling customer at the wanted or next free time, after it was read back.';

create function public._pick_visit(me public.line_identity, customer public.customers, heard text) returns public.work_orders
language plpgsql stable set search_path = ''
as $$
declare
  said text := nullif(btrim(heard), '');
  visits public.work_orders[] := array(select v from public._visits_ahead(me, customer) v);
  found public.work_orders[] := visits;
  wanted date;
begin
  if said ~ '^[0-9]{1,9}$' then
    found := array(select w from public.work_orders w where w.company_id = me.company_id and w.customer_id = customer.id and w.number = said::bigint);
  elsif said is not null then
    wanted := public._day_of(said, public._today(me));
    found := array(select v from unnest(visits) v where (v.scheduled_for at time zone me.zone)::date = wanted);
  end if;
  -- Another customer's number and one that does not exist sound the same.
  if cardinality(found) = 0 and said is not null then
    perform public._refuse('FL104', 'visit_unknown', jsonb_build_object('heard', left(said, 40)), 'I find no visit of yours like that.');
  elsif cardinality(found) = 0 then
    perform public._refuse('FL106', 'no_visit', '{}', 'You have no visit booked.');
  elsif cardinality(found) > 1 then
    perform public._refuse('FL105', 'which_visit', jsonb_build_object('total', cardinality(found),
      'options', (select jsonb_agg(public._visit_facts(f)) from unnest(found[1:4]) f)), 'Which visit do you mean?');
  end if;
  return found[1];
end $$;
comment on function public._pick_visit(public.line_identity, public.customers, text) is 'The visit that a customer means: by its day or number, or the only one; asks instead of guessing.';

create function public._held_visit(me public.line_identity, customer public.customers, heard text) returns public.work_orders
language plpgsql set search_path = ''
as $$
declare
  visit public.work_orders := public._pick_visit(me, customer, heard);
  state text;
begin
  -- As it is now, and not as it was before somebody else let go of it.
  select w.* into visit from public.work_orders w where w.id = visit.id for no key update;
  state := public._visit_facts(visit) ->> 'state';
  if state in ('on_the_way', 'arrived') then
    perform public._refuse('FL107', 'visit_underway', jsonb_build_object('visit', public._visit_facts(visit)), 'Your technician is already on it.');
  elsif state <> 'planned' then
    perform public._refuse('FL116', 'visit_over', jsonb_build_object('visit', public._visit_facts(visit)), 'That visit is over.');
  end if;
  return visit;
end $$;
comment on function public._held_visit(public.line_identity, public.customers, text) is 'The visit that a customer means, held for this transaction, if it has not begun: nobody turns a technician round who is on the road.';

create function public.move_visit(
  call_id uuid, request_id text, day text default null, time_of_day text default null, visit text default null, confirmed boolean default false
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_customer(move_visit.call_id);
  answer jsonb := public._answered(me, 'move_visit', move_visit.request_id);
  customer public.customers := public._customer(me);
  key jsonb := jsonb_build_object('visit', move_visit.visit, 'day', move_visit.day, 'time', move_visit.time_of_day);
  old public.work_orders;
  moved public.work_orders;
  begins timestamptz;
  technician bigint;
begin
  if answer is not null then
    return answer;
  end if;
  perform public._hold_technicians(me);
  old := public._held_visit(me, customer, move_visit.visit);
  -- "At ten instead" is the same day.
  begins := public._begin_of_visit(me, customer, coalesce(nullif(btrim(move_visit.day), ''),
    case when move_visit.time_of_day is not null and old.scheduled_for > public.fieldline_now() then to_char(old.scheduled_for at time zone me.zone, 'YYYY-MM-DD') end),
    move_visit.time_of_day, old.id);
  if begins = old.scheduled_for then
    return public._keep_answer(me, 'move_visit', move_visit.request_id, key, jsonb_build_object('visit', public._visit_facts(old), 'already', true));
  elsif not coalesce(move_visit.confirmed, false) then
    perform public._refuse('FL111', 'confirm_move', public._when_facts(me, begins) || jsonb_build_object('visit', public._visit_facts(old),
      'pins', jsonb_build_object('visit', old.number::text, 'day', public._when_facts(me, begins) ->> 'date', 'time', public._when_facts(me, begins) ->> 'time')),
      'Shall I move it?');
  end if;
  technician := public._who_comes(me, customer.id, begins, old.id);
  update public.work_orders w set scheduled_for = begins, ends_at = begins + coalesce(old.ends_at - old.scheduled_for, public._slot_length(me.company_id)),
    assigned_technician_id = technician
  where w.id = old.id returning * into moved;
  if moved.status = 'pending' then
    moved := public._move_order(moved.id, 'scheduled');
  end if;
  perform public._tell_technician(old, old.assigned_technician_id, format('Work order %s at %s was moved to %s by the customer%s.', moved.number, customer.name,
    to_char(begins at time zone me.zone, 'FMDay, FMMonth FMDD, HH24:MI'),
    case when technician is distinct from old.assigned_technician_id then ', and somebody else has it now' else '' end), me);
  if technician is distinct from old.assigned_technician_id then
    perform public._tell_technician(moved, technician, format('A new visit: work order %s at %s, %s.', moved.number, customer.name,
      to_char(begins at time zone me.zone, 'FMDay HH24:MI')), me);
  end if;
  perform public._notify_office(me.company_id, 'system', format('%s moved work order %s by telephone, from %s to %s.', customer.name, moved.number,
    to_char(old.scheduled_for at time zone me.zone, 'YYYY-MM-DD HH24:MI'), to_char(begins at time zone me.zone, 'YYYY-MM-DD HH24:MI')), moved.id);
  return public._keep_answer(me, 'move_visit', move_visit.request_id, key, jsonb_build_object('visit', public._visit_facts(moved), 'already', false));
end $$;
comment on function public.move_visit(uuid, text, text, text, text, boolean) is 'Moves a visit of the calling customer to the wanted or next free time, after it was read back. The technician keeps it when he has time.';

create function public.cancel_visit(
  call_id uuid, request_id text, reason text, visit text default null, confirmed boolean default false, again boolean default false
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_customer(cancel_visit.call_id);
  answer jsonb := public._answered(me, 'cancel_visit', cancel_visit.request_id);
  customer public.customers := public._customer(me);
  key jsonb := jsonb_build_object('visit', cancel_visit.visit);
  words text;
  old public.work_orders;
begin
  if answer is not null then
    return answer;
  end if;
  -- A repeat without a day must not reach for the next visit.
  answer := public._just_done(me, 'cancel_visit', key, cancel_visit.again) || '{"already": true}';
  if answer is not null then
    return public._keep_answer(me, 'cancel_visit', cancel_visit.request_id, key, answer);
  end if;
  words := public._clean_text(cancel_visit.reason, 300);
  old := public._held_visit(me, customer, cancel_visit.visit);
  if not coalesce(cancel_visit.confirmed, false) then
    perform public._refuse('FL112', 'confirm_cancellation', jsonb_build_object('visit', public._visit_facts(old), 'reason', words,
      'pins', jsonb_build_object('visit', old.number::text)), 'Shall I cancel it?');
  end if;
  old := public._move_order(old.id, 'cancelled', 'The customer, by telephone: ' || words);
  perform public._tell_technician(old, old.assigned_technician_id, format('Work order %s at %s was cancelled by the customer.', old.number, customer.name), me);
  return public._keep_answer(me, 'cancel_visit', cancel_visit.request_id, key, jsonb_build_object('visit', public._visit_facts(old), 'already', false));
end $$;
comment on function public.cancel_visit(uuid, text, text, text, boolean, boolean) is 'Cancels a visit of the calling customer with the reason, after it was read back.';

create function public.visit_note(call_id uuid, request_id text, note text, visit text default null, again boolean default false) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_customer(visit_note.call_id);
  answer jsonb := public._answered(me, 'visit_note', visit_note.request_id);
  customer public.customers := public._customer(me);
  words text;
  job public.work_orders;
  key jsonb;
begin
  if answer is not null then
    return answer;
  end if;
  words := public._clean_text(visit_note.note, 1000);
  if nullif(btrim(visit_note.visit), '') is null then
    -- Whoever is on the way or comes next: nobody asks which of them to tell about the gate.
    select v.* into job from public._visits_ahead(me, customer) v limit 1;
  end if;
  if job.id is null then
    job := public._pick_visit(me, customer, visit_note.visit);
  end if;
  key := jsonb_build_object('number', job.number, 'note', public._plain_words(words));
  answer := public._just_done(me, 'visit_note', key, visit_note.again);
  if answer is null then
    if (select count(*) from public.work_order_notes n where n.company_id = me.company_id and n.work_order_id = job.id and n.from_customer) >= 20 then
      perform public._refuse('FL109', 'too_many_bookings', '{}', 'I cannot write any more to that visit. The office can help you.');
    end if;
    insert into public.work_order_notes (company_id, work_order_id, note_text, from_customer) values (me.company_id, job.id, words, true);
    perform public._tell_technician(job, job.assigned_technician_id, format('From the customer at work order %s, %s: %s', job.number, customer.name, words), me);
    answer := jsonb_build_object('visit', public._visit_facts(job), 'note', words, 'repeated', false);
  end if;
  return public._keep_answer(me, 'visit_note', visit_note.request_id, key, answer);
end $$;
comment on function public.visit_note(uuid, text, text, text, boolean) is 'A word of the calling customer''s for the technician who comes next, or on the visit that is named.';

-- Grants -------------------------------------------------------------------------------------------------------------

revoke execute on all functions in schema public from public, anon;
grant execute on function
  public.confirm_customer(uuid, text, text), public.register_customer(uuid, text, text, text, text, boolean), public.my_visits(uuid), public.last_visit(uuid),
  public.free_slots(uuid, text, text), public.book_visit(uuid, text, text, text, text, boolean, boolean),
  public.move_visit(uuid, text, text, text, text, boolean), public.cancel_visit(uuid, text, text, text, boolean, boolean),
  public.visit_note(uuid, text, text, text, boolean)
to authenticated;
