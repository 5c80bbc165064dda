-- A bookshop with planted tastes, the same on every run: chance is a hash of what it is about.
CREATE FUNCTION chance(about text) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashtextextended(about, 0) & 1048575) / 1048576::float8;

CREATE TABLE books (item_id int PRIMARY KEY, title text NOT NULL, genre text NOT NULL);

WITH genres(genre, openings, endings) AS (
  VALUES
    ('space opera',
     '{The Last Convoy to,Embers over,A Crown for,The Long Fall of,Exiles of,The Silent Fleets of}'::text[],
     '{Cygnus Reach,Tannhauser,the Ninth Moon,Vega Station,the Orion Deep}'::text[]),
    ('cosy mystery',
     '{Murder at,A Body at,The Secret of,Death Comes to,Midnight at,A Very Quiet Crime at}',
     '{Thistle Cottage,the Village Fete,Marrow Lane,the Garden Club,Little Wexcombe}'),
    ('cookery',
     '{Slow Suppers from,The Bread of,Street Food of,Sunday Lunch in,Forty Soups from,A Kitchen in}',
     '{Provence,Sicily,Oaxaca,the Basque Coast,Kerala}'),
    ('romance',
     '{A Kiss in,One Summer in,Love Letters from,A Wedding in,Second Chances in,Waiting for You in}',
     '{Lisbon,Cornwall,Montmartre,Venice,the Highlands}'),
    ('history',
     '{The Fall of,Merchants of,A Short History of,The Women of,Daily Life in,The Road to}',
     '{Byzantium,Carthage,Old Prague,Novgorod,Samarkand}'),
    ('programming',
     '{Practical,Thinking in,The Art of,Debugging,Patterns of,Understanding}',
     '{Databases,Concurrency,Compilers,Distributed Systems,Type Systems}'),
    ('gardening',
     '{Notes on,Growing,The Joy of,A Guide to,The Secrets of,A Year with}',
     '{Roses,Kitchen Gardens,Orchards,Wild Meadows,Balcony Herbs}'),
    ('thriller',
     '{The Geneva,The Cairo,The Moscow,The Vatican,The Shanghai,The Istanbul}',
     '{Protocol,Deception,Dossier,Asset,Cipher}'),
    ('poetry',
     '{Songs of,Elegies for,Small Poems about,Night Thoughts on,Sonnets to,Letters to}',
     '{Salt and Rain,the Winter Sea,Sparrows,an Empty House,October}'),
    ('travel',
     '{By Train through,A Winter in,On Foot across,Slow Roads to,The Back Roads of,By Bicycle around}',
     '{Patagonia,Armenia,Japan,the Balkans,Iceland}')
)
INSERT INTO books
SELECT row_number() OVER (ORDER BY chance(title), title), title, genre
FROM genres, unnest(openings) AS opening, unnest(endings) AS ending, concat_ws(' ', opening, ending) AS title;

CREATE TABLE readers (user_id int PRIMARY KEY, likes text NOT NULL, likes_also text NOT NULL);

INSERT INTO readers
SELECT user_id, genres[1 + first], genres[1 + (first + 1 + floor(9 * chance('second' || user_id))::int) % 10]
FROM (SELECT array_agg(DISTINCT genre) AS genres FROM books) AS shop,
     generate_series(1, 2000) AS user_id,
     floor(10 * chance('first' || user_id)) AS drawn,
     int4(drawn) AS first;

CREATE TABLE ratings (user_id int, item_id int, rating real, rated_at date);

-- About 30 ratings a reader: most of the favourite genre, some of the second one, few of the rest.
INSERT INTO ratings
SELECT user_id, item_id,
       CASE genre WHEN likes THEN 4 + round(chance('stars' || pair))
                  WHEN likes_also THEN 3 + round(2 * chance('stars' || pair))
                  ELSE 1 + round(3 * chance('stars' || pair)) END,
       date '2026-01-01' + (300 * chance('day' || pair))::int
FROM readers, books, concat_ws(':', user_id, item_id) AS pair
WHERE chance(pair) < (0.3 + 0.7 * chance(title)) * (0.5 + chance('reads' || user_id))
                     * CASE genre WHEN likes THEN 0.95 WHEN likes_also THEN 0.4 ELSE 0.02 END;

CREATE INDEX ON ratings (user_id) INCLUDE (item_id, rating);
VACUUM ANALYZE ratings;
