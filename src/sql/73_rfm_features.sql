CREATE FUNCTION @extschema@.rfm_features(orders regclass, customer_column name DEFAULT 'customer_id',
    time_column name DEFAULT 'ordered_at', amount_column name DEFAULT 'amount', as_of text DEFAULT NULL,
    order_column name DEFAULT NULL)
  RETURNS TABLE (customer_id bigint, recency double precision, frequency bigint, monetary double precision,
    tenure double precision, mean_gap double precision)
  LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 1000 AS 'MODULE_PATHNAME', 'rfm_features';
COMMENT ON FUNCTION @extschema@.rfm_features(regclass, name, name, name, text, name)
  IS 'recency, frequency and monetary value of each customer, the days since the first order and between orders';

CREATE FUNCTION @extschema@.rfm_features(orders regclass, customer_column name, time_column name, amount_column name,
    as_of text, order_column name, customer_type anyelement)
  RETURNS TABLE (customer_id anyelement, recency double precision, frequency bigint, monetary double precision,
    tenure double precision, mean_gap double precision)
  LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 1000 AS 'MODULE_PATHNAME', 'rfm_features';
COMMENT ON FUNCTION @extschema@.rfm_features(regclass, name, name, name, text, name, anyelement)
  IS 'recency, frequency and monetary value of each customer; the last argument names the type of their ids';
