# pg_cron trains by schedule: in a background worker, and through a connection of its own.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PersonalizeTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $library = `pg_config --pkglibdir`;
chomp $library;
plan skip_all => 'pg_cron is not installed' unless -e "$library/pg_cron.so";

my $node = start_server('cron', conf => "shared_preload_libraries = 'pg_cron'\ncron.database_name = 'postgres'\n"
      . "cron.use_background_workers = on\nmax_worker_processes = 12");
install($node);
make_ratings($node);
$node->safe_psql('postgres', 'CREATE EXTENSION pg_cron');

# Every second where this pg_cron can, else every minute.
my $seconds = $node->safe_psql('postgres',
    q{SELECT regexp_match(extversion, '^(\d+)\.(\d+)')::integer[] >= '{1,5}' FROM pg_extension WHERE extname = 'pg_cron'}) eq 't';
my $often = $seconds ? '1 seconds' : '* * * * *';
$node->safe_psql('postgres', "SELECT cron.schedule('often', '$often', \$\$SELECT train_mf('ratings', 'often')\$\$)");
$node->safe_psql('postgres', q{SELECT cron.schedule('wrong', '* * * * *', $$SELECT train_mf('ratings', 'wrong', factors => 0)$$)})
  if !$seconds;

# The line of the README.
like($node->safe_psql('postgres', q{SELECT cron.schedule('train', '0 3 * * *', $$SELECT train_mf('ratings')$$)}),
    qr/^\d+$/, 'a nightly training can be scheduled');
is($node->safe_psql('postgres', q{SELECT schedule, command FROM cron.job WHERE jobname = 'train'}),
    q{0 3 * * *|SELECT train_mf('ratings')}, 'as it is written');

ok($node->poll_query_until('postgres', q{SELECT count(*) > 0 FROM personalize.models WHERE model = 'often' AND active}),
    'a background worker trains by schedule');
is($node->safe_psql('postgres', q{SELECT count(*) FROM recommend_for(1, 10, 'often')}), 10, 'and the model serves');
ok($node->poll_query_until('postgres', q{SELECT count(*) > 0 FROM cron.job_run_details WHERE status = 'succeeded'}),
    'the run is reported');
if (!$seconds) {
    ok($node->poll_query_until('postgres', q{SELECT count(*) > 0 FROM cron.job_run_details WHERE status = 'failed'}), 'a wrong one too');
    like($node->safe_psql('postgres', q{SELECT return_message FROM cron.job_run_details WHERE status = 'failed'}),
        qr/factors/, 'with what was wrong');
}
else {
    ok($node->poll_query_until('postgres', q{SELECT max(version) > 1 FROM personalize.models WHERE model = 'often'}), 'again and again');
}

# The other way: a connection, here when the server starts.
$node->safe_psql('postgres', q{SELECT cron.unschedule(jobid) FROM cron.job});
$node->safe_psql('postgres', q{SELECT cron.schedule('start', '@reboot', $$SELECT train_mf('ratings', 'start')$$);
  UPDATE cron.job SET nodename = '} . $node->host . q{'});
$node->append_conf('postgresql.conf', 'cron.use_background_workers = off');
$node->restart;
ok($node->poll_query_until('postgres', q{SELECT count(*) > 0 FROM personalize.models WHERE model = 'start' AND active}),
    'a connection of pg_cron trains');
is($node->safe_psql('postgres', q{SELECT count(*) FROM recommend_for(1, 10, 'start')}), 10, 'and that model serves');
is($node->safe_psql('postgres', q{SELECT count(*) FROM recommend_for(1, 10, 'often')}), 10, 'as does the one from before the restart');
unlike(slurp_file($node->logfile), qr/terminated by signal|exited with exit code [2-9]/, 'no process has crashed');

$node->stop;
done_testing();
