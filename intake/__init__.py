"""The service: mailbox, rules, the story of one mail, the clock, the command line, the console.

Floors (each may import those below it, never upward; import-linter keeps it so):
``__main__`` > ``cli`` | ``web`` | ``demo`` > ``service`` > ``wiring`` > ``flow`` | ``cutoff`` > ``mailbox`` | ``config`` > ``rules``

Where to look (every module once; the first of the first and of the fifth line read like the picture of the README):

- one mail, steps 1 to 8: ``flow`` ``keeping`` ``filing`` ``readers`` ``reading`` ``understanding`` ``own_letters`` ``bounces``
  ``attributed`` ``recording`` ``found_by`` ``task_rows`` ``set_aside`` ``unopened``
- what it is judged by: ``book`` (one agency, one type) ``questioning`` ``rejudging`` ``findings`` ``comparing`` ``people``
- its letters: ``answering`` ``receipts`` ``letters`` ``other_revisions`` ``owing`` ``correcting`` ``requesting`` ``outgoing`` ``settling``
- an agency's answers: ``replying`` ``taking_back``
- the clock, C1 and C2: ``cutoff`` ``steps`` ``opening`` ``foreseen`` ``reminding`` ``missing_notices`` ``excusing`` ``escalating``
  ``clock_letters`` ``digests`` ``digest_files`` ``follow_up`` ``summaries``
- when our own mailbox failed: ``outages`` ``held_up``
- boards and figures: ``board`` ``covered_days`` ``waiting`` ``results`` ``difficulties`` ``progress`` ``consolidating`` ``yearly``
- what people ask: ``asking`` ``one_mail`` ``status`` ``completeness`` ``review_queue`` ``dry_run`` ``export`` ``calendar_export`` ``pictures``
- what people decide: ``decisions`` ``due_changes`` ``erasing`` ``replay`` ``roster_file`` ``frozen_dues``
- proof: ``evidence`` ``anchors`` ``chain_walk`` ``scrub`` ``reconcile``
- keeping the service well: ``service`` ``upkeep`` ``daily`` ``retaining`` ``alarms`` ``checkup`` ``tools`` ``thrift``
- configuration and parts: ``config`` ``config_calendar`` ``config_oauth2`` ``config_oidc`` ``config_table`` ``config_values`` ``settings``
  ``oauth2`` ``service_account`` ``desk`` ``wiring``
"""
