# Stored models whose bytes or rows are not what training wrote, as an edited dump would have them: a clear error that
# names the model, never a crash or a wild answer, and other models still serve.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PersonalizeTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_server('damage');
install($node);
make_ratings($node);

# Three blocks and a bit.
$node->safe_psql('postgres', q{
  SELECT train_mf('ratings', 'victim', factors => 250, iterations => 2);
  SELECT train_mf('ratings', 'other', factors => 8);
  CREATE TABLE model_before AS SELECT * FROM personalize.model;
  CREATE TABLE block_before AS SELECT * FROM personalize.model_block;
  CREATE VIEW victim AS SELECT b.* FROM personalize.model_block b JOIN personalize.model m USING (version_id) WHERE m.model = 'victim'});
my $other = $node->safe_psql('postgres', sprintf($answers, 'other'));
my $right = $node->safe_psql('postgres', sprintf($answers, 'victim'));
my ($id, $blocks, $size, $restarts) = split /\|/, $node->safe_psql('postgres',
    q{SELECT version_id, count(*), sum(length(bytes)), 0 FROM victim GROUP BY 1});
cmp_ok($blocks, '>=', 3, 'the model has several blocks');
my $backend_start = $node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()');

sub restore {
    remove_cache($node);
    $node->safe_psql('postgres', q{
      DELETE FROM personalize.model; DELETE FROM personalize.model_block;
      INSERT INTO personalize.model SELECT * FROM model_before;
      INSERT INTO personalize.model_block SELECT * FROM block_before});
}

my @calls = (
    q{SELECT * FROM recommend_for(1, 10, 'victim')}, q{SELECT * FROM recommend_all(3, 'victim')},
    q{SELECT * FROM similar_items(1, 10, 'victim')}, q{SELECT predict_rating(1, 1, 'victim')},
    q{SELECT * FROM item_factors('victim')}, q{SELECT * FROM popular_items(10, 'victim')},
);
my $turn = 0;

# After each damage every new session refuses the model, others serve, and the damaged one can be dropped.
sub refused {
    my ($what, $damage, $message, $state) = @_;
    restore();
    $node->safe_psql('postgres', $damage);
    my $call = $calls[ $turn++ % @calls ];
    fails_with($node, $call, $state // 'XX001', 'model "victim", version 1, is damaged: [^\n]*' . $message, "$what: $call");
    fails_with($node, $call, $state // 'XX001', 'model "victim", version 1, is damaged', "$what: and again");
    is($node->safe_psql('postgres', sprintf($answers, 'other')), $other, "$what: the other model serves");
    is(scalar(grep { /\Q@{[ $id =~ s{-}{}gr ]}\E/ } cache_files($node)), 0, "$what: no cache file is made of it");
}

# Bytes.
my $block = "version_id = '$id' AND block";
my $change = sub { "UPDATE personalize.model_block SET bytes = $_[1] WHERE $block = $_[0]" };
refused("byte $_->[1] of block $_->[0] changed",
    $change->($_->[0], "set_byte(bytes, $_->[1], get_byte(bytes, $_->[1]) # $_->[2])"), '')
  for [0, 0, 1], [0, 5, 1], [0, 9, 255], [0, 17, 1], [0, 40, 255], [0, 48, 1], [0, 64, 2], [0, 68, 1], [0, 112, 64],
      [0, 200, 16], [0, 300, 128], [0, 5000, 1], [1, 0, 1], [1, 77777, 64], [$blocks - 1, 10, 255];
refused('a block cut off', $change->(1, 'substr(bytes, 1, 1000)'), 'blocks hold');
refused('a block of nothing', $change->(1, q{''}), 'blocks hold');
refused('the last block cut off', $change->($blocks - 1, 'substr(bytes, 1, length(bytes) - 1)'), 'blocks hold');
refused('a block too long', $change->(1, q{bytes || '\x00'}), 'blocks hold');
refused('the last block too long', $change->($blocks - 1, q{bytes || '\x00'}), 'blocks hold');
refused('a block of 20 MB', $change->(1, q{decode(repeat('00', 20000000), 'hex')}), 'blocks hold');
refused('a block removed', "DELETE FROM personalize.model_block WHERE $block = 1", 'blocks hold');
refused('the first block removed', "DELETE FROM personalize.model_block WHERE $block = 0", 'blocks hold');
refused('all blocks removed', "DELETE FROM personalize.model_block WHERE version_id = '$id'", 'blocks hold');
refused('blocks swapped', "UPDATE personalize.model_block SET block = 1000 WHERE $block = 0;
  UPDATE personalize.model_block SET block = 0 WHERE $block = 1; UPDATE personalize.model_block SET block = 1 WHERE $block = 1000", '');
refused('later blocks swapped', "UPDATE personalize.model_block SET block = 1000 WHERE $block = 2;
  UPDATE personalize.model_block SET block = 2 WHERE $block = 1; UPDATE personalize.model_block SET block = 1 WHERE $block = 1000", '');
refused('a block of a far number', "UPDATE personalize.model_block SET block = 2147483647 WHERE $block = 1", 'blocks hold');
refused('zeros of the right length', $change->(1, q{decode(repeat('00', length(bytes)), 'hex')}), 'checksum');
refused('the bytes of another model', qq{DELETE FROM personalize.model_block WHERE version_id = '$id';
  INSERT INTO personalize.model_block SELECT '$id', block, bytes FROM personalize.model_block b
    JOIN personalize.model m USING (version_id) WHERE m.model = 'other'}, '');
refused('the bytes and the size of another model', qq{DELETE FROM personalize.model_block WHERE version_id = '$id';
  INSERT INTO personalize.model_block SELECT '$id', block, bytes FROM personalize.model_block b
    JOIN personalize.model m USING (version_id) WHERE m.model = 'other';
  UPDATE personalize.model SET image_bytes = (SELECT image_bytes FROM personalize.model WHERE model = 'other') WHERE model = 'victim'},
  'checksum');

# Random bytes at random places; the seed is fixed.
srand(1);
for (1 .. 15) {
    my ($number, $at, $xor) = (int(rand($blocks - 1)), int(rand(262144)), 1 + int(rand(255)));
    refused("random damage: block $number, byte $at, xor $xor",
        $change->($number, "set_byte(bytes, $at, get_byte(bytes, $at) # $xor)"), '');
}

# Rows.
my $row = sub { "UPDATE personalize.model SET $_[0] WHERE model = 'victim'" };
refused("image_bytes = $_", $row->("image_bytes = $_"), '(stated size|blocks hold)')
  for 0, -1, -9223372036854775808, 1, $size - 1, $size + 1, 1000000000;
refused("another checksum", $row->('image_checksum = image_checksum + 1'), 'checksum');
restore();
$node->safe_psql('postgres', $row->('image_bytes = 9223372036854775807'));
fails_with($node, $_, '53400', 'max_memory', "image_bytes of 8 EB: $_") for @calls[0, 1];

# What else of a row may be edited: an error or the right answer.
for my $edit ('users = -1', 'users = 9223372036854775807', 'items = -5', 'items = 9223372036854775807',
    'on_duplicate = 3', q{options = '[]'}, q{metrics = 'null'}, q{user_type = 'box'}, q{algorithm = ''}, q{owner = ''},
    'rating_column = NULL', q{rating_column = 'no such column'}, q{user_column = ''}, q{item_column = 'user_id'},
    q{source_schema = 'pg_catalog', source_relation = 'pg_class'}, q{source_relation = 'model_before'},
    q{time_column = 'rating'}, q{trained_at = 'infinity'}, q{train_seconds = 'NaN'}, q{version = 2147483647})
{
    restore();
    $node->safe_psql('postgres', $row->($edit));
    for my $call (@calls, q{SELECT * FROM personalize.models}) {
        my ($code, $output, $error) = $node->psql('postgres', $call);
        ok($code == 0 || $error =~ /ERROR:/, "$edit: $call gives rows or an error") or diag($error);
    }
    is($node->safe_psql('postgres', sprintf($answers, 'other')), $other, "$edit: the other model serves");
}
restore();
$node->safe_psql('postgres', $row->('version = 2147483647'));
fails_with($node, q{SELECT train_mf('ratings', 'victim')}, '54000', 'the last that there can be', 'there is no version after the last');

# NULL and repeats are kept out by the tables themselves.
fails_with($node, $row->("$_ = NULL"), '23502', $_, "$_ cannot be NULL") for qw(version_id image_bytes image_checksum owner);
fails_with($node, "INSERT INTO personalize.model_block VALUES ('$id', 0, '')", '23505', 'model_block_pkey', 'no block twice');
fails_with($node, "INSERT INTO personalize.model_block VALUES ('$id', -1, '')", '23514', 'check', 'no negative block');

# A damaged model can be put right: by another version, by training, or away.
restore();
$node->safe_psql('postgres', q{SELECT train_mf('ratings', 'victim', factors => 250, iterations => 2, seed => 5)});
$node->safe_psql('postgres', q{UPDATE personalize.model_block SET bytes = '' WHERE version_id =
  (SELECT version_id FROM personalize.model WHERE model = 'victim' AND version = 2)});
fails_with($node, $calls[0], 'XX001', 'model "victim", version 2, is damaged', 'the new version is damaged');
is($node->safe_psql('postgres', q{SELECT activate_model('victim', 1)} . ';' . sprintf($answers, 'victim')), "\n$right",
    'the version before serves instead');
$node->safe_psql('postgres', q{SELECT activate_model('victim', 2)});
is($node->safe_psql('postgres', q{SELECT version FROM train_mf('ratings', 'victim')}), 3, 'a damaged model can be trained again');
restore();
$node->safe_psql('postgres', $change->(0, q{'\x00'}));
is($node->safe_psql('postgres', q{SELECT drop_model('victim')} . '; ' . q{SELECT count(*) FROM personalize.models WHERE model = 'victim'}),
    "\n0", 'a damaged model can be dropped');
is($node->safe_psql('postgres', "SELECT count(*) FROM personalize.model_block WHERE version_id = '$id'"), 0, 'with its blocks');

restore();
$node->safe_psql('postgres', "INSERT INTO personalize.model_block VALUES ('$id', 1000000, '\\x0011')");
is($node->safe_psql('postgres', sprintf($answers, 'victim')), $right, 'blocks behind the end change nothing');
restore();
is($node->safe_psql('postgres', sprintf($answers, 'victim')), $right, 'undamaged, it answers as before');

# Every kind of model: bytes all over its image, its end, and the image of the next kind with all that a row says of it.
train_kinds($node);
my %served = served($node);
kinds_differ(%served);
remove_cache($node);
for my $place (0 .. $#kinds) {
    my ($kind, $next) = map { $_->{name} } @kinds[ $place, ($place + 1) % @kinds ];
    my @serves = map { sprintf $_, $kind } @{ $kinds[$place]{serves} };
    my $blocks_of = sub { "UPDATE personalize.model_block SET bytes = $_[0] WHERE version_id = (SELECT version_id FROM personalize.model WHERE model = '$kind')" };
    my $bad = sub {
        my ($what, $damage) = @_;
        my ($code, $output, $error) = $node->psql('postgres', "BEGIN; $damage; $serves[ $turn++ % 2 ]", extra_params => [ '-v', 'VERBOSITY=verbose' ]);
        like($error, qr/ERROR:  XX001: model "$kind", version 1, is damaged/, "$kind: $what");
    };
    $bad->("byte at $_ / 16", $blocks_of->("set_byte(bytes, length(bytes) * $_ / 16, get_byte(bytes, length(bytes) * $_ / 16) # 4)")) for 0 .. 15;
    $bad->('the last byte cut off', $blocks_of->('substr(bytes, 1, length(bytes) - 1)'));
    for my $serve (@serves) {
        my ($code, $output, $error) = $node->psql('postgres', qq{BEGIN;
          UPDATE personalize.model m SET (version_id, image_bytes, image_checksum) = (SELECT gen_random_uuid(), image_bytes, image_checksum FROM personalize.model WHERE model = '$next')
            WHERE model = '$kind';
          INSERT INTO personalize.model_block SELECT (SELECT version_id FROM personalize.model WHERE model = '$kind'), block, bytes
            FROM personalize.model_block JOIN personalize.model USING (version_id) WHERE model = '$next'; $serve});
        ok($code == 0 || $error =~ /ERROR:/, "$kind with the image of $next: $serve gives rows or an error") or diag($error);
    }
}
my %still = served($node);
is($still{$_}, $served{$_}, "undamaged, the model of kind $_ serves as before") for sort keys %served;
is($node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()'), $backend_start, 'the server never went away');
unlike(slurp_file($node->logfile), qr/terminated by signal/, 'and no backend crashed');

$node->stop;
done_testing();
