-- Usage: added up from the calls, by the company's own days, and seen by its members only.
begin;
select tests.plan(10);
select tests.clock('2026-03-04 14:00Z');

-- Two calls of Northgate on one day of New York, the second after midnight in UTC; one of Harbor.
select tests.act_as('the line');
create temporary table calls (name text primary key, facts jsonb);
grant all on calls to public;
insert into calls select 'one', public.call_open('call-one', '+12025550101', '+12025550100');
insert into calls select 'harbor', public.call_open('call-harbor', null, '+12025550190');
select public.call_close((facts ->> 'call_id')::uuid, 'completed', 'agent_goodbye', null, '{"models": [
  {"type": "llm_usage", "provider": "openai", "model": "gpt-4o-mini", "input_tokens": 1000, "output_tokens": 50, "cost": 0.5},
  {"type": "stt_usage", "provider": "deepgram", "model": "nova-3", "audio_duration": 61.5}]}') from calls where name = 'one';
select public.call_close((facts ->> 'call_id')::uuid, 'completed', 'agent_goodbye', null, '{"models": [
  {"type": "tts_usage", "provider": "elevenlabs", "model": "flash", "characters_count": 7}]}') from calls where name = 'harbor';
select tests.later('11 hours');
insert into calls select 'two', public.call_open('call-two', '+12025550101', '+12025550100');
select public.call_close((facts ->> 'call_id')::uuid, 'completed', 'agent_goodbye', null, '{"models": [
  {"type": "llm_usage", "provider": "openai", "model": "gpt-4o-mini", "input_tokens": 200, "output_tokens": "many"}]}') from calls where name = 'two';
insert into calls select 'odd', public.call_open('call-odd', null, '+12025550100');
select public.call_close((facts ->> 'call_id')::uuid, 'completed', 'agent_goodbye', null, '{"models": "none"}') from calls where name = 'odd';
select tests.holds('the ears hear of streets', facts #> '{vocabulary,streets}' ? 'River Road') from calls where name = 'one';
select tests.holds('without house numbers', not exists (select from jsonb_array_elements_text(facts #> '{vocabulary,streets}') s where s ~ '^\d')) from calls where name = 'one';

select tests.act_as('Vera');
select tests.equal('a day is the company''s day', u.day::text || ' ' || u.calls, '2026-03-04 2') from public.usage u where u.kind = 'llm';
select tests.equal('tokens are added up', u.input_tokens || ' ' || u.output_tokens, '1200 50') from public.usage u where u.kind = 'llm';
select tests.equal('seconds too', u.seconds, 61.5) from public.usage u where u.kind = 'stt';
select tests.equal('cost where there is a price', u.cost, 0.5) from public.usage u where u.kind = 'llm';
select tests.holds('and none where there is not', u.cost is null) from public.usage u where u.kind = 'stt';
select tests.equal('months add up days', m.month::text || ' ' || m.input_tokens, '2026-03-01 1200') from public.usage_by_month m where m.kind = 'llm';
select tests.equal('another company''s usage is not seen', (select count(*) from public.usage where kind = 'tts'), 0::bigint);
select tests.act_as('Sam');
select tests.equal('nor anybody''s by a stranger', (select count(*) from public.usage), 0::bigint);

select tests.done();
rollback;
