-- Parts by telephone: understanding which part is meant, what is where, and using, taking and asking for it.
--
-- People say "cat six", models write "CAT-6 cable" and the shelf says "Cat6 Cable". Names, aliases and what was heard
-- are brought to one spoken form (`_normalise_part`) and compared there. The order of trust: the whole name or alias,
-- all said words within a name (first those that end alike), within an alias, and last a likeness of letters (trigrams) that must be clear and may
-- not contradict a number ("cat five" is not Cat6). Whatever stays open is asked, never guessed.
--
-- Definer functions and why: all functions without an underscore, because the line's account has no table grants; each
-- checks that account first, through `_line_technician`. Those with an underscore work with the rights of whoever calls.

-- ---------------------------------------------------------------------------------------------------------------------
-- How parts sound

create function public._number_word(word text) returns integer
language sql immutable set search_path = ''
as $$
  select case
    when word ~ '^[0-9]{1,6}$' then word::integer
    when word in ('zero', 'oh', 'nought') then 0
    else coalesce(
      array_position(array['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen',
        'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'], word),
      10 + 10 * array_position(array['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'], word))
  end
$$;
comment on function public._number_word(text) is 'The number that one word says, or null.';

create function public._part_word(word text) returns text
language sql immutable set search_path = ''
as $$
  select case
    when word in ('cam', 'cams') then 'camera'
    when word in ('volt', 'volts') then 'v'
    when word = 'category' then 'cat'
    when word in ('analogue', 'analogs') then 'analog'
    when word in ('adaptor', 'adaptors') then 'adapter'
    when word in ('connecter', 'connecters') then 'connector'
    when word in ('psu', 'psus') then 'power supply'
    -- Letters as speech recognition writes them down.
    when word in ('are', 'ar') then 'r'
    when word in ('jay', 'jays') then 'j'
    when word = 'pee' then 'p'
    when word in ('bee', 'be') then 'b'
    when word = 'gee' then 'g'
    -- One of many: enough English for what lies on a truck.
    when char_length(word) > 4 and word like '%ies' then left(word, -3) || 'y'
    when char_length(word) > 4 and word ~ '(ch|sh|x|ss)es$' then left(word, -2)
    when char_length(word) > 3 and word ~ '[^siu]s$' then left(word, -1)
    else word
  end
$$;
comment on function public._part_word(text) is 'One word of a part''s name in its plain form: singular, without the variants that ears produce.';

create function public._normalise_part(heard text) returns text
language plpgsql immutable set search_path = ''
as $$
declare
  split text := regexp_replace(lower(coalesce(heard, '')), '([0-9])([a-z])', '\1 \2', 'g');
  word text;
  number integer;
  spoken text := '';
  last_kind text := '';
  last_tens boolean := false;
begin
  split := regexp_replace(regexp_replace(split, '([a-z])([0-9])', '\1 \2', 'g'), '[^a-z0-9]+', ' ', 'g');
  foreach word in array string_to_array(btrim(split), ' ') loop
    word := public._part_word(word);
    continue when word in ('', 'the', 'an', 'some', 'of', 'foot', 'feet', 'ft', 'unit', 'piece', 'pcs', 'my', 'our', 'and') or (word = 'a' and last_kind = '');
    number := public._number_word(word);
    if number is not null and not (word = 'oh' and last_kind <> 'number') then
      -- "Forty five" is 45, and so is "four five".
      if last_kind = 'number' and last_tens and number between 1 and 9 then
        spoken := left(spoken, -1) || number;
      else
        spoken := spoken || case when last_kind = 'number' then '' else ' ' end || number;
      end if;
      last_tens := word !~ '^[0-9]' and number >= 20 and number % 10 = 0;
      last_kind := 'number';
    else
      word := case when word = 'oh' then 'o' else word end;
      -- Letters that are spelled make one word: "r j", "p o e".
      spoken := spoken || case when last_kind = 'letter' and char_length(word) = 1 then '' else ' ' end || word;
      last_kind := case when char_length(word) = 1 then 'letter' else 'word' end;
    end if;
  end loop;
  return btrim(spoken);
end $$;
comment on function public._normalise_part(text) is 'A part''s name as it sounds: lower case, singular, spelled letters joined, numbers in digits and apart from letters. "R J forty-fives" and "RJ45" are both "rj 45".';

-- ---------------------------------------------------------------------------------------------------------------------
-- Which part

create function public._parts_like(company_id uuid, said text) returns setof public.inventory_items
language plpgsql stable set search_path = ''
as $$
declare
  words text[] := string_to_array(said, ' ');
begin
  if said = '' then
    return;
  end if;
  return query select i.* from public.inventory_items i
    where i.company_id = _parts_like.company_id and (i.match_name = said or exists (
      select from public.item_aliases a where a.company_id = i.company_id and a.item_id = i.id and a.match_alias = said));
  if found then
    return;
  end if;
  -- "Cable" is a kind of cable before it is a cable tester: a name's last word says what it is.
  return query select i.* from public.inventory_items i
    where i.company_id = _parts_like.company_id and string_to_array(i.match_name, ' ') @> words
      and split_part(i.match_name, ' ', -1) = words[cardinality(words)];
  if found then
    return;
  end if;
  return query select i.* from public.inventory_items i
    where i.company_id = _parts_like.company_id and string_to_array(i.match_name, ' ') @> words;
  if found then
    return;
  end if;
  return query select i.* from public.inventory_items i
    where i.company_id = _parts_like.company_id and exists (
      select from public.item_aliases a
      where a.company_id = i.company_id and a.item_id = i.id and string_to_array(a.match_alias, ' ') @> words);
  if found then
    return;
  end if;
  return query select i.* from public._parts_resembling(_parts_like.company_id, said) i;
end $$;
comment on function public._parts_like(uuid, text) is 'The parts that a normalised phrase may mean: by the first rule that finds any.';

create function public._parts_resembling(company_id uuid, said text) returns setof public.inventory_items
language sql stable set search_path = ''
as $$
  with numbers as (
    select coalesce(array_agg(n), '{}') as said from unnest(string_to_array(_parts_resembling.said, ' ')) n where n ~ '^[0-9]+$'
  ), names as (
    select i.id, i.match_name as name from public.inventory_items i where i.company_id = _parts_resembling.company_id
    union all
    select a.item_id, a.match_alias from public.item_aliases a where a.company_id = _parts_resembling.company_id
  ), scores as (
    -- Also without spaces: "fishtape" and "fish tape" are the same to the ear.
    select n.id, max(greatest(extensions.similarity(n.name, _parts_resembling.said),
      extensions.similarity(replace(n.name, ' ', ''), replace(_parts_resembling.said, ' ', '')))) as score
    from names n, numbers
    where string_to_array(n.name, ' ') @> numbers.said
    group by n.id
  )
  select i.* from scores s join public.inventory_items i on i.id = s.id
  where s.score >= 0.5 and s.score >= (select max(score) from scores) - 0.1
  order by s.score desc, i.name
$$;
comment on function public._parts_resembling(uuid, text) is 'The parts whose name or alias resembles what was said by at least half its trigrams, and no less than the best but a tenth; a said number must be in the name.';

create function public._find_item(me public.line_identity, heard text, truck_id bigint default null) returns public.inventory_items
language plpgsql stable set search_path = ''
as $$
declare
  clean text := public._clean_text(heard, 200);
  found_items public.inventory_items[] := array(
    select i from public._parts_like(me.company_id, public._normalise_part(clean)) i order by i.name);
  on_truck public.inventory_items[];
begin
  if cardinality(found_items) > 1 and truck_id is not null then
    on_truck := array(
      select i from unnest(found_items) i
      join public.truck_inventory s on s.company_id = me.company_id and s.truck_id = _find_item.truck_id and s.item_id = i.id
      where s.quantity > 0);
    if cardinality(on_truck) = 1 then
      return on_truck[1];
    end if;
  end if;
  if cardinality(found_items) = 0 then
    perform public._refuse('FL030', 'part_unknown', jsonb_build_object('heard', clean), format('I do not know a part called %s.', clean));
  elsif cardinality(found_items) > 1 then
    perform public._refuse('FL031', 'part_ambiguous', jsonb_build_object('heard', clean,
      'options', (select jsonb_agg(i.name order by i.name) from (select i.name from unnest(found_items) i order by i.name limit 6) i)),
      format('Which %s do you mean?', clean));
  end if;
  return found_items[1];
end $$;
comment on function public._find_item(public.line_identity, text, bigint) is 'The part that a caller means. When several fit and the truck carries only one of them, it is that one.';

-- ---------------------------------------------------------------------------------------------------------------------
-- What is where

create function public._stock_of(truck_id bigint, item public.inventory_items) returns integer
language sql stable set search_path = ''
as $$
  select coalesce((
    select s.quantity from public.truck_inventory s
    where s.company_id = item.company_id and s.truck_id = _stock_of.truck_id and s.item_id = item.id), 0)
$$;
comment on function public._stock_of(bigint, public.inventory_items) is 'How many of a part a truck carries.';

create function public._holders(me public.line_identity, item public.inventory_items) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    with mine as (
      select r.truck_id as id from public._open_clock(me) r where r.id is not null
    ), fullest as (
      -- Ten are more than anybody listens to; a company with a thousand trucks is asked no longer than one with four.
      (select s.* from public.truck_inventory s
       where s.company_id = me.company_id and s.item_id = item.id and s.quantity > 0
         and (select t.active from public.trucks t where t.id = s.truck_id)
         and s.truck_id not in (select m.id from mine m)
       order by s.quantity desc, s.truck_id limit 10)
      union all
      select s.* from public.truck_inventory s join mine m on m.id = s.truck_id
      where s.company_id = me.company_id and s.item_id = item.id and s.quantity > 0
    )
    select coalesce(jsonb_agg(jsonb_build_object(
      'truck', f.number, 'quantity', f.quantity, 'technician', public._holder(f.truck_id), 'mine', f.mine)
      order by not f.mine, f.quantity desc, f.number), '[]')
    from (
      select s.truck_id, s.quantity, public._truck_number(s.truck_id) as number, s.truck_id in (select m.id from mine m) as mine
      from fullest s
    ) f
  );
end $$;
comment on function public._holders(public.line_identity, public.inventory_items) is 'Which trucks carry a part, how many, and who is on them: the caller''s own first, then the ten that have most.';

create function public._truck_stock(truck public.trucks) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'part', i.name, 'quantity', s.quantity, 'unit', i.unit, 'low', public._is_low(i, s.quantity)) order by i.category, i.name), '[]')
  from public.truck_inventory s join public.inventory_items i on i.company_id = s.company_id and i.id = s.item_id
  where s.company_id = truck.company_id and s.truck_id = truck.id
$$;
comment on function public._truck_stock(public.trucks) is 'All that a truck carries.';

create function public.check_stock(call_id uuid, part text default null, truck bigint default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(check_stock.call_id);
  here public.trucks;
  item public.inventory_items;
begin
  if check_stock.truck is not null then
    here := public._service_truck(me, check_stock.truck);
  else
    select t.* into here from public.trucks t where t.id = (public._open_clock(me)).truck_id;
  end if;
  if nullif(btrim(check_stock.part), '') is null then
    if here.id is null then
      perform public._need_clock(me);
    end if;
    return jsonb_build_object('truck', here.number, 'items', public._truck_stock(here));
  end if;
  item := public._find_item(me, check_stock.part, here.id);
  return jsonb_build_object(
    'part', item.name,
    'unit', item.unit,
    'truck', here.number,
    'quantity', case when here.id is not null then public._stock_of(here.id, item) end,
    'low', case when here.id is not null then public._is_low(item, public._stock_of(here.id, item)) end,
    'others', (
      select coalesce(jsonb_agg(h.value - 'mine'), '[]') from jsonb_array_elements(public._holders(me, item)) h
      where (h.value ->> 'truck')::bigint is distinct from here.number));
end $$;
comment on function public.check_stock(uuid, text, bigint) is 'What a truck carries, the caller''s own when none is named: everything, or one part and who else has it.';

create function public.who_has(call_id uuid, part text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(who_has.call_id);
  item public.inventory_items := public._find_item(me, who_has.part);
begin
  return jsonb_build_object('part', item.name, 'unit', item.unit, 'trucks', public._holders(me, item));
end $$;
comment on function public.who_has(uuid, text) is 'Which trucks carry a part.';

-- ---------------------------------------------------------------------------------------------------------------------
-- Using, taking, asking for

create function public._whole_quantity(quantity numeric) returns integer
language plpgsql immutable set search_path = ''
as $$
begin
  if quantity is null or not (quantity between 1 and 10000) or quantity <> trunc(quantity) then
    perform public._refuse('FL033', 'bad_quantity', jsonb_build_object('quantity', quantity::text),
      'I need a whole number between one and ten thousand.');
  end if;
  return quantity::integer;
end $$;
comment on function public._whole_quantity(numeric) is 'A quantity that can be: whole, from 1 to 10,000.';

create function public._ask_unusual_quantity(item public.inventory_items, quantity integer, have integer) returns void
language plpgsql stable set search_path = ''
as $$
begin
  if (item.standard_quantity > 0 and quantity > item.standard_quantity) or (quantity > 20 and quantity * 2 > have) then
    perform public._refuse('FL034', 'confirm_quantity', jsonb_build_object('part', item.name, 'quantity', quantity, 'unit', item.unit),
      format('%s %s of %s, is that right?', quantity, item.unit, item.name));
  end if;
end $$;
comment on function public._ask_unusual_quantity(public.inventory_items, integer, integer) is
  'Asks back about more than a full truck carries, or more than twenty that are more than half of what is there: the usual result of a misheard number.';

create function public.use_part(
  call_id uuid, request_id text, part text, quantity numeric, number bigint default null, confirmed boolean default false, again boolean default false
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(use_part.call_id);
  answer jsonb := public._answered(me, 'use_part', use_part.request_id);
  truck public.trucks;
  item public.inventory_items;
  job public.work_orders;
  used integer;
  key jsonb;
begin
  if answer is not null then
    return answer;
  end if;
  used := public._whole_quantity(use_part.quantity);
  select t.* into truck from public.trucks t where t.id = (public._need_clock(me)).truck_id;
  item := public._find_item(me, use_part.part, truck.id);
  job := public._pick_job(me, use_part.number);
  key := jsonb_build_object('number', job.number, 'part', item.name, 'quantity', used);
  answer := public._just_done(me, 'use_part', key, use_part.again);
  if answer is null then
    answer := public._use_part(me, truck, item, used, job, coalesce(use_part.confirmed, false));
  end if;
  perform public._on_job(me.session_id, job.id);
  return public._keep_answer(me, 'use_part', use_part.request_id, key, answer);
end $$;
comment on function public.use_part(uuid, text, text, numeric, bigint, boolean, boolean) is 'Books parts of the caller''s truck to an order: stock and ledger together. An unusual quantity is asked back.';

create function public._use_part(
  me public.line_identity, truck public.trucks, item public.inventory_items, used integer, job public.work_orders, confirmed boolean
) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  have integer := public._stock_of(truck.id, item);
  movement public.stock_movements;
begin
  if job.status = 'cancelled' then
    perform public._refuse('FL022', 'job_wrong_state', public._job_label(job) || jsonb_build_object('status', job.status),
      format('Work order %s is cancelled.', job.number));
  elsif used > have then
    perform public._refuse_not_enough(truck, item, used);
  elsif not confirmed then
    perform public._ask_unusual_quantity(item, used, have);
  end if;
  movement := public._move_stock(truck, item, -used, 'used', job.id, me.technician_id);
  return jsonb_build_object('part', item.name, 'quantity', used, 'unit', item.unit, 'left', movement.quantity_after,
    'low', public._is_low(item, movement.quantity_after), 'job', public._job_facts(job), 'repeated', false);
end $$;
comment on function public._use_part(public.line_identity, public.trucks, public.inventory_items, integer, public.work_orders, boolean) is 'The using itself, when all is understood.';

create function public.take_part(
  call_id uuid, request_id text, part text, quantity numeric, from_truck bigint, confirmed boolean default false, again boolean default false
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(take_part.call_id);
  answer jsonb := public._answered(me, 'take_part', take_part.request_id);
  mine public.trucks;
  theirs public.trucks;
  item public.inventory_items;
  taken integer;
  key jsonb;
begin
  if answer is not null then
    return answer;
  end if;
  taken := public._whole_quantity(take_part.quantity);
  select t.* into mine from public.trucks t where t.id = (public._need_clock(me)).truck_id;
  theirs := public._service_truck(me, take_part.from_truck);
  if theirs.id = mine.id then
    perform public._refuse('FL036', 'same_truck', jsonb_build_object('truck', mine.number), format('Truck %s is your own.', mine.number));
  end if;
  item := public._find_item(me, take_part.part, theirs.id);
  key := jsonb_build_object('part', item.name, 'quantity', taken, 'from', theirs.number, 'to', mine.number);
  answer := public._just_done(me, 'take_part', key, take_part.again);
  if answer is null then
    answer := public._take_part(me, theirs, mine, item, taken, coalesce(take_part.confirmed, false));
  end if;
  return public._keep_answer(me, 'take_part', take_part.request_id, key, answer);
end $$;
comment on function public.take_part(uuid, text, text, numeric, bigint, boolean, boolean) is 'Moves parts from another truck to the caller''s.';

create function public._take_part(
  me public.line_identity, theirs public.trucks, mine public.trucks, item public.inventory_items, taken integer, confirmed boolean
) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  have integer;
  given public.stock_movements;
  got public.stock_movements;
begin
  -- Both rows, always in the order of the trucks: two who take from each other cannot block each other.
  perform from public.truck_inventory s
  where s.company_id = me.company_id and s.truck_id in (theirs.id, mine.id) and s.item_id = item.id
  order by s.truck_id for no key update;
  have := public._stock_of(theirs.id, item);
  if taken > have then
    perform public._refuse_not_enough(theirs, item, taken);
  elsif not confirmed then
    perform public._ask_unusual_quantity(item, taken, have);
  end if;
  given := public._move_stock(theirs, item, -taken, 'given', null, me.technician_id);
  got := public._move_stock(mine, item, taken, 'taken', null, me.technician_id, given.id);
  return jsonb_build_object('part', item.name, 'quantity', taken, 'unit', item.unit, 'from_truck', theirs.number, 'to_truck', mine.number,
    'left_there', given.quantity_after, 'have', got.quantity_after, 'repeated', false);
end $$;
comment on function public._take_part(public.line_identity, public.trucks, public.trucks, public.inventory_items, integer, boolean) is 'The taking itself, when all is understood.';

create function public.request_restock(call_id uuid, request_id text, part text, quantity numeric default null, again boolean default false) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(request_restock.call_id);
  answer jsonb := public._answered(me, 'request_restock', request_restock.request_id);
  truck public.trucks;
  item public.inventory_items;
  wanted integer;
  key jsonb;
begin
  if answer is not null then
    return answer;
  end if;
  select t.* into truck from public.trucks t where t.id = (public._need_clock(me)).truck_id;
  item := public._find_item(me, request_restock.part);
  -- Without a number: as much as fills the truck; one that is full and still needs more gets a truckful.
  wanted := public._whole_quantity(coalesce(request_restock.quantity,
    nullif(greatest(item.standard_quantity - public._stock_of(truck.id, item), 0), 0), nullif(item.standard_quantity, 0), 1));
  key := jsonb_build_object('part', item.name, 'quantity', request_restock.quantity, 'truck', truck.number);
  answer := public._just_done(me, 'request_restock', key, request_restock.again);
  if answer is null then
    perform public._notify_office(me.company_id, 'restock_request',
      format('%s asks for %s %s of %s for truck %s.', me.technician_name, wanted, item.unit, item.name, truck.number));
    answer := jsonb_build_object('part', item.name, 'quantity', wanted, 'unit', item.unit, 'truck', truck.number, 'repeated', false);
  end if;
  return public._keep_answer(me, 'request_restock', request_restock.request_id, key, answer);
end $$;
comment on function public.request_restock(uuid, text, text, numeric, boolean) is 'Asks the office for parts for the caller''s truck; without a quantity, as much as fills it.';

revoke execute on all functions in schema public from public, anon;
-- Names and aliases are normalised by trigger, also when the office writes them.
grant execute on function public._normalise_part(text), public._part_word(text), public._number_word(text) to authenticated;
grant execute on function
  public.check_stock(uuid, text, bigint), public.who_has(uuid, text), public.use_part(uuid, text, text, numeric, bigint, boolean, boolean),
  public.take_part(uuid, text, text, numeric, bigint, boolean, boolean), public.request_restock(uuid, text, text, numeric, boolean)
to authenticated;
