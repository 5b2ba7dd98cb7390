DROP FUNCTION refuse_to_change_history();
