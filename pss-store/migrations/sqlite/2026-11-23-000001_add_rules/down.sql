DROP TABLE rule_history;
DROP TABLE pss_event_validation_rules;
