\echo '-- A reader of two genres. This table made the ratings; the training does not read it.'
SELECT * FROM readers WHERE user_id = :reader;

