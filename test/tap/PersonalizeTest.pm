# What the tests of whole servers share: a server with the extension, small ratings, and a look at a backend's
# process and at the cache files.
package PersonalizeTest;

use strict;
use warnings FATAL => 'all';
use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(start_server install install_stop stop make_ratings session ask run_in_session outcome pid_of cache_files cache_path
  remove_cache threads_of memory_of mapped_cache wait_until kill_backend accepts_connections median fails_with
  @kinds train_kind train_kinds train_long make_long_sources served kinds_differ $answers);

# One value for all that is served of a model: the factors, and what 20 users get.
our $answers = q{
  SELECT md5(string_agg(line, E'\n' ORDER BY line)) FROM (
    SELECT item_id || ':' || factor::text AS line FROM item_factors('%1$s')
    UNION ALL
    SELECT u || ':' || item_id || ':' || score || ':' || reason
      FROM generate_series(1, 20) u, LATERAL recommend_for(u, 10, '%1$s')) t};

# What one user gets of a model, as an item or a number, a score and a reason, and how many of those are personal and how many
# are ratings, of 60 users.
our %recommends = (
    rows => q{SELECT u, item_id, score, reason FROM generate_series(1, 60) u, LATERAL recommend_for(u, 10, '%1$s')
              UNION ALL
              SELECT u, item, predict_rating(u, item, '%1$s'), 'rating' FROM generate_series(1, 60) u, generate_series(1, 20) item},
    counts => '600 1200',
    serves => [ q{SELECT * FROM recommend_for(1, 10, '%s')}, q{SELECT predict_rating(1, 1, '%s')} ]);
our %divides = (
    rows => q{SELECT u, segment_of(u, '%1$s'), NULL, 'personal' FROM generate_series(1, 60) u
              UNION ALL
              SELECT segment, dense_rank() OVER (ORDER BY feature), mean, 'rating' FROM segment_means('%1$s')},
    counts => '60 10',
    serves => [ q{SELECT segment_of(1, '%s')}, q{SELECT * FROM segment_profile('%s')} ]);

# Every kind of model, trained on `ratings` or `customers`, and by a training that lasts: %s is the model. The tests of whole
# servers loop over these; a hybrid comes after its components.
our @kinds = (
    { name => 'als', train => q{train_mf('ratings', '%s', factors => 8)},
      long => q{train_mf('wide', '%s', iterations => 10000)} },
    { name => 'als_explicit', train => q{train_mf('ratings', '%s', feedback => 'explicit', factors => 8)},
      long => q{train_mf('wide', '%s', feedback => 'explicit', iterations => 10000)} },
    { name => 'sgd', train => q{train_mf('ratings', '%s', feedback => 'explicit', solver => 'sgd', factors => 8)},
      long => q{train_mf('wide', '%s', feedback => 'explicit', solver => 'sgd', iterations => 10000)} },
    { name => 'gibbs', train => q{train_mf('ratings', '%s', feedback => 'explicit', solver => 'gibbs', factors => 4)},
      long => q{train_mf('wide', '%s', feedback => 'explicit', solver => 'gibbs', iterations => 10000)} },
    { name => 'knn', train => q{train_knn('ratings', '%s')}, long => q{train_knn('wide', '%s')} },
    { name => 'knn_explicit', train => q{train_knn('ratings', '%s', feedback => 'explicit')},
      long => q{train_knn('wide', '%s', feedback => 'explicit')} },
    { name => 'knn_user', train => q{train_knn('ratings', '%s', based_on => 'user')}, phase => 'evaluating',
      long => q{train_knn('wide', '%s', based_on => 'user', search_limit => 0, holdout => .5)} },
    { name => 'ease', train => q{train_ease('ratings', '%s')}, long => q{train_ease('wide', '%s')} },
    { name => 'hybrid', train => q{train_hybrid('{als,knn}', model => '%s')}, phase => 'evaluating',
      long => q{train_hybrid('{shallow_als,shallow_knn}', model => '%s', test => 'unseen')} },
    { name => 'content', train => q{train_content('ratings', '%s', items => 'things')}, phase => 'reading',
      long => q{train_content('unseen', '%s', items => 'texts', text_columns => '{body}')} },
    { name => 'kmeans', train => q{train_kmeans('customers', NULL, 5, '%s', key_column => 'user_id')}, %divides,
      long => q{train_kmeans('wide', NULL, 500, '%s', restarts => 100)} },
    { name => 'dbscan', train => q{train_dbscan('customers', NULL, 0.3, 5, '%s', key_column => 'user_id')}, %divides,
      counts => '60 20',    # its ten segments have two means each
      long => q{train_dbscan('wide', NULL, 60, 1000, '%s', scale => 'none')} },
);
$_ = { %recommends, %$_ } for @kinds;

# A running server that stays small and quiet; `conf` are lines of its own.
sub start_server {
    my ($name, %options) = @_;
    my $node = PostgreSQL::Test::Cluster->new($name);
    $node->init(extra => [ '--encoding=UTF8', '--no-locale' ], allows_streaming => $options{streaming});
    $node->append_conf('postgresql.conf', join("\n", 'max_connections = 100', 'shared_buffers = 64MB',
        'log_statement = none', 'log_min_messages = error', 'autovacuum = off', $options{conf} // ''));
    $node->start;
    return $node;
}

sub install {
    my ($node, $database) = @_;
    $node->safe_psql($database // 'postgres', 'CREATE EXTENSION personalize');
}

# cpu_ms() and stop_in_phase(). What is measured is processor time, of all threads: what else the machine does does not
# count.
sub install_stop {
    my ($node) = @_;
    $node->safe_psql('postgres', q{
  -- The ms that a backend has taken in its life, in steps of 10; NULL: it is gone.
  CREATE FUNCTION cpu_ms(backend integer) RETURNS double precision LANGUAGE sql AS $$
    SELECT 10 * (ticks[12]::float8 + ticks[13]::float8)    -- the 14th and 15th field of all
      FROM regexp_split_to_array(regexp_replace(pg_read_file('/proc/' || backend || '/stat', 0, 1000, true), '^.*\) ', ''), ' ') ticks
  $$;

  -- Waits for a training's phase, stops the backend, and returns how many ms it took until it was idle.
  CREATE FUNCTION stop_in_phase(backend integer, wanted text, terminate boolean) RETURNS double precision
    LANGUAGE plpgsql AS $$
  DECLARE
    since timestamptz;
    before double precision;
    after double precision;
    seen text;
  BEGIN
    FOR attempt IN 1 .. 20000 LOOP
      PERFORM pg_stat_clear_snapshot();
      SELECT CASE WHEN wanted IN ('active', 'Lock')
                  THEN (SELECT coalesce(nullif(wait_event_type, 'Timeout'), state) FROM pg_stat_activity WHERE pid = backend)
                  ELSE (SELECT phase FROM personalize.progress WHERE pid = backend) END INTO seen;
      EXIT WHEN seen = wanted;
      PERFORM pg_sleep(.001);
    END LOOP;
    IF seen IS DISTINCT FROM wanted THEN RAISE 'backend % is not in phase %', backend, wanted; END IF;
    PERFORM pg_sleep(.02);
    since := clock_timestamp();
    before := cpu_ms(backend);
    after := before;
    IF terminate THEN PERFORM pg_terminate_backend(backend); ELSE PERFORM pg_cancel_backend(backend); END IF;
    LOOP
      after := coalesce(cpu_ms(backend), after);
      PERFORM pg_stat_clear_snapshot();
      EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = backend AND state = 'active');
      IF clock_timestamp() > since + interval '20 s' THEN RAISE 'backend % goes on', backend; END IF;
      PERFORM pg_sleep(.001);
    END LOOP;
    RETURN after - before;
  END $$;});
}

# Stops a backend in a phase; in ms, what it took to end.
sub stop {
    my ($observer, $pid, $phase, $terminate) = @_;
    my $ms = ask($observer, "SELECT stop_in_phase($pid, '$phase', $terminate)");
    $ms =~ /^[\d.]+$/ or die "cannot stop: $ms";
    return $ms;
}

# Five tastes: user u likes items of taste u mod 5, each about `per_user` of them; things and customers have them, too.
sub make_ratings {
    my ($node, %options) = @_;
    my ($database, $users, $items, $per_user) = map { $options{$_} } qw(database users items per_user);
    $node->safe_psql($database // 'postgres', sprintf(q{
      CREATE TABLE ratings (user_id bigint NOT NULL, item_id bigint NOT NULL, rating real NOT NULL);
      INSERT INTO ratings
        SELECT DISTINCT ON (1, 2) u, u %% 5 + 5 * (abs(hashint8extended(u * 1000 + k, 7)) %% (%2$d / 5)), 1 + k %% 5
          FROM generate_series(1, %1$d) u, generate_series(1, %3$d) k;
      CREATE INDEX ON ratings (user_id) INCLUDE (item_id, rating);
      CREATE TABLE things AS SELECT item_id, 'taste ' || item_id %% 5 AS taste, 'shelf ' || item_id %% 7 AS shelf
        FROM ratings GROUP BY item_id;
      CREATE TABLE customers AS SELECT user_id, user_id %% 5 * 10 + user_id %% 3 AS spend, user_id %% 5 * 2 + count(*) %% 2 AS visits
        FROM ratings GROUP BY user_id;
      CREATE UNIQUE INDEX ON customers (user_id);
      ANALYZE ratings}, $users // 500, $items // 200, $per_user // 20));
}

# What the long trainings of @kinds read: few users with many ratings each, whose pairs are many; and many with few. The
# components' cache files are made.
sub make_long_sources {
    my ($node) = @_;
    $node->safe_psql('postgres', q{
      CREATE TABLE wide AS SELECT u AS user_id, i AS item_id, (1 + abs(hashint8extended(u * 10000 + i, 1)) % 5)::real AS rating
        FROM generate_series(1, 250) u, generate_series(1, 4000) i;
      CREATE TABLE shallow AS SELECT k / 10 AS user_id, abs(hashint8extended(k, 2)) % 4000 AS item_id, 1::real AS rating
        FROM generate_series(1, 100000) k;
      CREATE VIEW texts AS SELECT i AS item_id, (SELECT string_agg(md5((i * k)::text), ' ') FROM generate_series(1, 1000) k) AS body
        FROM generate_series(1, 4000) i;
      CREATE TABLE unseen AS SELECT user_id, (item_id + 1) % 4000 AS item_id, rating FROM shallow;
      SELECT train_mf('shallow', 'shallow_als', factors => 8, iterations => 1);
      SELECT train_knn('shallow', 'shallow_knn');
      SELECT FROM recommend_for(1, 1, 'shallow_als'); SELECT FROM recommend_for(1, 1, 'shallow_knn')});
}

# A training of a kind; the model is called as the kind unless it has a name.
sub train_kind { my ($kind, $model) = @_; return 'SELECT ' . sprintf($kind->{train}, $model // $kind->{name}) }
sub train_long { my ($kind, $model) = @_; return 'SELECT ' . sprintf($kind->{long}, $model) }

sub train_kinds {
    my ($node, %options) = @_;
    $node->safe_psql($options{database} // 'postgres', join(';', map { train_kind($_) } @kinds), extra_params => $options{params});
}

# What each kind's model serves to 60 users, by name: a digest, personal items, ratings.
sub served {
    my ($node, %options) = @_;
    my $sql = join ' UNION ALL ', map { my $rows = sprintf $_->{rows}, $_->{name}; qq{
      SELECT '$_->{name}', md5(string_agg(concat_ws(':', u, item, score, reason), chr(10) ORDER BY u, item, reason)),
             count(item) FILTER (WHERE reason LIKE 'personal%'), count(*) FILTER (WHERE reason = 'rating' AND score IS NOT NULL)
        FROM ($rows) t (u, item, score, reason)} } @kinds;
    my $rows = $node->safe_psql($options{database} // 'postgres', $sql, extra_params => $options{params});
    return map { my ($model, @values) = split /\|/; ($model, "@values") } split /\n/, $rows;
}

# That what served() found depends on the model, so that a comparison of it can fail.
sub kinds_differ {
    my (%served) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my %digests = map { (split)[0] => 1 } values %served;
    is(scalar(keys %digests), scalar(@kinds), 'each kind of model serves something else');
    like($served{$_->{name}}, qr/^\w+ $_->{counts}$/, "a model of kind $_->{name} serves all that it can") for @kinds;
}

# A session that goes on after errors.
sub session {
    my ($node, $database, @params) = @_;
    return $node->background_psql($database // 'postgres', on_error_stop => 0, extra_params => \@params);
}

# What a session answers, or the error.
sub ask {
    my ($session, $sql) = @_;
    my $output = $session->query($sql);
    my $error = $session->{stderr};
    $session->{stderr} = '';
    return $error =~ /(ERROR|FATAL):/ ? $error : $output;
}

# Starts a statement in a session and does not wait for its end; outcome() does.
sub run_in_session {
    my ($session, $sql) = @_;
    $session->{stderr} = '';
    $session->query_until(qr/started/, "\\echo started\n$sql;\n");
}

sub outcome { return ask($_[0], '') }

sub pid_of { return ask($_[0], 'SELECT pg_backend_pid()') }

sub cache_files {
    my ($node) = @_;
    return map { s{.*/}{}r } glob($node->data_dir . '/base/pgsql_tmp/pgsql_tmp_personalize.*');
}

# Where the cache file of a model's active version lies.
sub cache_path {
    my ($node, $model, $database) = @_;
    my $name = $node->safe_psql($database // 'postgres', qq{
      SELECT 'pgsql_tmp_personalize.' || (SELECT oid FROM pg_database WHERE datname = current_database()) || '.'
             || replace(version_id::text, '-', '') FROM personalize.model WHERE model = '$model' AND active});
    return $node->data_dir . "/base/pgsql_tmp/$name";
}

sub remove_cache {
    my ($node) = @_;
    my $directory = $node->data_dir . '/base/pgsql_tmp';
    unlink map { "$directory/$_" } cache_files($node);
}

sub threads_of { my @threads = glob("/proc/$_[0]/task/*"); return scalar @threads }

# In kB, of a process: its memory apart from files and shared buffers.
sub memory_of { return slurp_file("/proc/$_[0]/status") =~ /^RssAnon:\s+(\d+)/m ? $1 : die "no RssAnon" }

# Inodes of the cache files that a process maps.
sub mapped_cache {
    my %inodes;
    /^\S+ \S+ \S+ \S+ (\d+)\s+\S*pgsql_tmp_personalize\./ and $inodes{$1} = 1
      for split /\n/, slurp_file("/proc/$_[0]/maps");
    my @inodes = sort keys %inodes;
    return @inodes;
}

# Whether something comes true within `seconds`.
sub wait_until {
    my ($condition, $seconds) = @_;
    for (1 .. 100 * ($seconds // 20)) {
        return 1 if $condition->();
        select(undef, undef, undef, .01);
    }
    return 0;
}

sub median { my @sorted = sort { $a <=> $b } @_; return $sorted[ $#sorted / 2 ] }

# Kills a backend and waits until the server is back.
sub kill_backend {
    my ($node, $pid) = @_;
    my $restarts = sub { scalar(() = slurp_file($node->logfile) =~ /all server processes terminated; reinitializing/g) };
    my $before = $restarts->();
    kill 'KILL', $pid;
    return wait_until(sub { $restarts->() > $before }) && wait_until(sub { accepts_connections($node) });
}

# Asked without a query: psql would end before it has read one, by which its writer dies.
sub accepts_connections { return system('pg_isready', '-q', '-d', $_[0]->connstr('postgres')) == 0 }

# A statement of a new session must fail with an SQLSTATE and a message.
sub fails_with {
    my ($node, $sql, $state, $message, $name, %options) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my ($code, $output, $error) = $node->psql($options{database} // 'postgres', $sql,
        extra_params => [ '-v', 'VERBOSITY=verbose', @{ $options{params} // [] } ]);
    like($error, qr/(ERROR|FATAL):  $state: .*?$message/s, $name) or diag("$sql gave: $output");
}

1;
