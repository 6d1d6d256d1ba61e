"""The registry of personal data: every column of every table is in exactly one of these lists.

A new column is classified here, or `test_registry.py` fails. What is personal about visitors must also be erased with
their booking, and `test_erasure.py` fails where it is not.
"""

#: What visitors tell about themselves, and what may name them: it is erased with the booking or the walk-in.
VISITORS = {
    "answer": "content digest text",
    "appeal": "answer words",
    "block": "organisation organisation_key phone reason",
    "booking": (
        "access contact_name email guide_note network note organisation organisation_key over_limit phone phone_tail "
        "pinyin reply"
    ),
    "booking_code": "email",
    "booking_event": "detail",
    "certificate": "organisation",
    "delegation": "hosts leader level vehicles welcome",
    "desk_event": "reason",
    "feedback": "line",
    "gram": "gram",
    "online_question": "answer text",
    "outbox_attachment": "name",
    "outbox_file": "content digest",
    "outbox_message": "body calendar html last_error recipient subject values",
    "pause": "lift_reason organisation_key phone",
    "person": "extra name",
    "talk": "comment email guest note phone reason wish",
    "walk_in": "organisation",
    "webhook_attempt": "answer",
    "webhook_event": "body",
}
#: What may name visitors, and is deleted by the clock within days: answers of the API after a day, files and uploads
#: after a week, refused sign-ins after a month.
BRIEFLY = {
    "api_answer": "body",
    "file_chunk": "content",
    "history_chunk": "content",
    "history_draft": "answers columns error figures filename findings headings samples sheets suggestion",
    "history_text": "candidates text value",
    "refused_sign_in": "name network",
}
#: Names and words of the staff and of people whom the hall itself put on a list: kept with the account or the list.
STAFF = {
    "alert_recipient": "address name",
    "audit_entry": "detail subject",
    "guide": "name",
    "guide_leave": "note",
    "month_close": "reopen_reason",
    "point_appeal": "answer words",
    "point_entry": "answer evidence",
    "report_recipient": "email",
    "staff": "name password_hash totp_secret",
    "sign_on_identity": "subject",
    "staff_address": "email",
    "staff_session": "browser system",
    "talk_host": "email name profile",
    "webhook": "contact name",
}
#: Everything else: numbers that count, days, rules of a hall, texts that a hall publishes, and random keys.
NOT_PERSONAL = {
    "adjustment": "close_id event_id hall_id id import_id made_at made_by_id reason visitors",
    "alert_recipient": "active channel hall_id kinds language number pace reported_until secret summary_at",
    "answer": "booking_id hall_id question",
    "api_answer": "claimed_at hall_id key_number name request status",
    "api_key": (
        "digest expires_at hall_id last_used_at lookup made_at made_by name number old_digest old_lookup "
        "old_until revoked_at scopes"
    ),
    "appeal": "answered_at answered_by_id booking_id hall_id made_at pause_id state",
    "arrival": (
        "day division event_id extra guide_id hall_id kind organisation programme_id source tour_language "
        "visitors week_hour"
    ),
    "arrival_category": "category event_id hall_id visitors",
    "audience_adjustment": "close_id event hall_id",
    "audience": "booking_id counted_at day division event hall_id minutes people programme_id slot_id source",
    "audit_entry": "action at hall_id id staff_id",
    "badge": "booking_id hall_id id issued_at person_id revoked_at token version",
    "badge_arrival": "badge_id event_id hall_id",
    "badge_layout": "gap_x gap_y hall_id left outlines sheet top",
    "block": "hall_id lifted_at lifted_by_id made_at made_by_id number until",
    "booking": (
        "cancelled_at categories consented_at created_at guide_note_at guides hall_id held_until id key "
        "kind language offered_until party privacy reference resources series slot_id source state "
        "submission tour_language visitors"
    ),
    "booking_brake": "hall_id lifted_at since",
    "booking_code": "attempts booking_id digest expires_at hall_id purpose",
    "booking_event": "actor after at before booking_id hall_id id staff_id verb",
    "calendar_feed": "digest guide_id hall_id made_at",
    "calendar_day": (
        "day guides_on_duty hall_id inside_capacity kind like_weekday name name_en name_zh open reason "
        "reason_en reason_zh"
    ),
    "category": "adds_up family hall_id hidden name number position required rest",
    "certificate": "booking_id code day hall_id issued_at people replaced_at",
    "certificate_programme": "hall_id programme_id",
    "certificate_setting": "hall_id scope words",
    "talk": (
        "chosen day division ends_at event_id hall_id host_number key language made_at mode number page_language "
        "privacy stars starts_at state submission"
    ),
    "talk_day_off": "day hall_id host",
    "point_appeal": "answered_at answered_by_id code hall_id made_at number quarter staff_id",
    "point_close": "closed_at closed_by_id digest figures hall_id quarter",
    "point_entry": ("code day decided_at decided_by_id entered_at entered_by_id hall_id number staff_id state times"),
    "point_index": "active code hall_id in_group measure most name position since threshold weight",
    "point_person": "hall_id staff_id",
    "point_setting": "first hall_id open",
    "talk_host": "active feed_digest hall_id languages link modes number staff_id topics",
    "talk_hours": "ends hall_id host starts weekday",
    "talk_setting": (
        "days_ahead hall_id minutes missed_days missed_most most_open notice_hours open pause_days programme_id"
    ),
    "delegation": "booking_id hall_id welcome_agreed",
    "delegation_setting": "asked hall_id levels",
    "departure": "booking_id day event_id hall_id id occurred_at received_at staff_id undoes_id visitors",
    "desk_conflict": "counted decision division event_id hall_id id reason settled_at settled_by_id visitors",
    "desk_event": (
        "booking_id counts_id day device device_at event_id hall_id id kind occurred_at override party "
        "received_at snapshot_at staff_id undoes_id walk_in_id"
    ),
    "device": "created_at created_by digest hall_id id kind last_seen_at name revoked_at staff_id",
    "device_words": "hall_id kiosk kiosk_en kiosk_zh organisations",
    "division_summary": "day division groups hall_id kind programme_id visitors",
    "embed_site": "hall_id origin",
    "fact_version": "hall_id version",
    "feedback": "booking_id given_at hall_id id stars_guide stars_visit",
    "figure": "extra facet first groups hall_id part span visitors",
    "file_chunk": "hall_id key made_at number version",
    "first_visit": "day groups hall_id organisation visitors",
    "gram": "booking_id hall_id",
    "group_list": "booking_id hall_id handed_in_at",
    "guide": "active created_at hall_id id languages last_day staff_id",
    "guide_assignment": "assigned_at booking_id dropped_at dropped_why guide_id hall_id id",
    "guide_duty": "ends guide_id hall_id id starts valid_from valid_until weekday",
    "guide_leave": "first guide_id hall_id id last",
    "guide_programme": "guide_id hall_id programme_id",
    "hall": (
        "accent access access_en access_needs access_zh address address_en address_zh appeal appeal_en "
        "appeal_zh ask_over_people ask_over_percent ask_walk_in brake_hold_hours brake_per_hour bring "
        "bring_en bring_zh change_hours clock closed_weekdays coach coach_en coach_zh confirm_by_code "
        "confirmation country created_at days_ahead demonstration directions directions_en directions_zh "
        "door_rule draft early_minutes first_weekday group_max group_min guides_on_duty holiday_calendar "
        "holiday_years holidays home_division host id inside_capacity intro intro_en intro_zh languages "
        "large_group_max late late_en late_minutes late_zh line_on line_opens line_per_minute makeup_days "
        "name name_en name_list name_zh network_places no_show_count no_show_months no_show_pause_days no_show_tiers "
        "no_show_scope notice notice_en notice_hours notice_zh offer_hours offered_languages "
        "open_per_organisation open_per_phone opened_on origin_cities origin_countries origin_set paper "
        "pass_note pass_note_en pass_note_zh phone proof_of_work release_time retention_months "
        "slots_until slug time_zone"
    ),
    "history_alias": "hall_id key topic value",
    "history_chunk": "draft_id hall_id left_out position rows wrong",
    "history_columns": "columns digest hall_id",
    "history_draft": "digest file_bytes hall_id id job_id key made_at sheet staff_id state",
    "history_import": "digest hall_id id made_at made_by_id name withdrawn_at withdrawn_by_id",
    "history_month": "days groups hall_id import_id month rows visitors",
    "history_row": (
        "division first groups hall_id import_id kind number organisation prefecture programme_id span visitors"
    ),
    "history_text": "draft_id first_row hall_id position rows topic",
    "job": (
        "attempts done error file_bytes file_name finished_at hall_id heartbeat_at id key kind made_at "
        "params result staff_id started_at state total"
    ),
    "line_counter": "hall_id last opens_at",
    "list_columns": "columns hall_id label label_en label_zh purpose purpose_en purpose_zh",
    "logo": "content content_type digest hall_id",
    "message_text": "body channel hall_id kind language subject",
    "message_ways": "email hall_id kind sms",
    "month_close": (
        "closed_at closed_by_id digest figures hall_id id month reopened_at reopened_by_id version visitors"
    ),
    "network_reader": "granted_at hall_id staff_id",
    "notice": "first hall_id last number text text_en text_zh",
    "online_beat": "device hall_id minute slot_id",
    "online_list": (
        "changes digest hall_id imported_at imported_by_id minutes number people relation slot_id taken_back_at "
        "taken_back_by_id"
    ),
    "online_question": "asked_at booking_id hall_id number slot_id state",
    "online_session": "hall_id peak recording slot_id stream",
    "online_viewer": "booking_id device hall_id people slot_id",
    "opening": "guide_capacity hall_id id starts template_id visitor_capacity weekday",
    "organisation_kind": "active code hall_id name position",
    "origin": "booking_id division hall_id visitors",
    "outbox_attachment": "file_id message_id mimetype position size",
    "outbox_file": "hall_id id",
    "outbox_message": (
        "attempts booking_id channel claimed_until created_at delivery delivery_code due_at hall_id held id kind "
        "language message_id once provider_id report_due_at segments sent_at state"
    ),
    "own_origins": "code hall_id made_at places",
    "pass": "booking_id hall_id id issued_at revoked_at token version",
    "past_day_rules": "closed_weekdays hall_id holidays makeup_days until",
    "pause": "absences booking_id consequence forgiven hall_id id lifted_at lifted_by_id since until",
    "person": "booking_id hall_id id position",
    "picture": "alt alt_en alt_zh digest hall_id height place width",
    "picture_file": "content digest hall_id kind place width",
    "presence_setting": "counts_leaving hall_id warn_at_percent",
    "privacy_version": "content digest hall_id since",
    "privacy_words": "hall_id text",
    "programme": (
        "about about_en about_zh active change_hours confirmation days_ahead educational group_max "
        "group_min guides hall_id id minutes mode name name_en name_list name_zh no_shows_count "
        "notice_hours offer_hours position release_time slug"
    ),
    "published_audience": "facet hall_id month part people revision",
    "publication": "close_id hall_id has_audience month published_at revision",
    "published_cell": "facet hall_id month part revision visitors",
    "question": "active at_desk hall_id kind number options position programme_id required words",
    "rate_counter": "hits key window_starts",
    "recovery_code": "digest hall_id staff_id used_at",
    "refused_sign_in": "day first_at hall_id last_at staff_id times",
    "report_link": "digest expires_at hall_id last_used_at made_at period revoked_at staff_id",
    "report_mailing": "day hall_id",
    "report_recipient": "added_at hall_id id language pdf xlsx",
    "resource": "asked_by hall_id name number people_each per_booking programmes quantity retired scope unit",
    "saved_search": "hall_id id name staff_id terms",
    "service_key": "fingerprint id recorded_at",
    "setup_code": "digest id made_at",
    "slot": (
        "busy_forced day ends_at guide_capacity guides_booked guides_busy guides_forced guides_on_duty "
        "hall_id id inside_booked inside_capacity inside_forced open open_by_hand programme_id starts_at "
        "visitor_capacity visitors_booked visitors_forced"
    ),
    "sign_on_identity": "connected_at hall_id last_used_at provider_number staff_id",
    "sign_on_provider": (
        "agent_id client_id groups_claim hall_id issuer kind made_at name number roles second_step secret"
    ),
    "slot_resource": "claimed hall_id resource slot_id",
    "staff": (
        "active created_at hall_id id last_sign_in_at must_change_password role session_version totp_step "
        "two_step_required"
    ),
    "staff_address": "hall_id staff_id",
    "staff_link": "created_at digest expires_at hall_id id purpose revoked_at staff_id used_at",
    "staff_policy": "hall_id two_step",
    "staff_session": "digest ends_at hall_id id last_used_at made_at second_step_elsewhere session_version staff_id",
    "task_hours": "hall_id night reminders reports thanks",
    "task_run": "claim count due_at error finished_at hall_id heartbeat_at outcome started_at task tries",
    "text_count": "day hall_id kind messages segments",
    "text_setting": "daily_limit hall_id sign",
    "text_template": "abroad hall_id kind language parameters provider template",
    "used_proof": "digest expires_at hall_id submission",
    "visitor_goal": "hall_id visitors year",
    "walk_in": "hall_id id kind programme_id",
    "week_template": "hall_id id programme_id valid_from",
    "worker_process": "heartbeat_at mail_at mail_error name started_at stopped_at",
    "webhook": "active hall_id kinds language made_at number old_secret old_until secret switched_off_at url",
    "webhook_attempt": "at error event_id hall_id milliseconds status webhook_number",
    "webhook_delivery": "attempts claimed_until created_at due_at event_id hall_id outcome webhook_number",
    "webhook_event": "booking_id created_at hall_id id kind",
    "webhook_health": "failing_since hall_id rest_until webhook_number",
}
