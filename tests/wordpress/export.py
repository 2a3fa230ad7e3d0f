"""Writes a WordPress export of our own: 60 posts, and 400 comments in threads. Every run gives the same."""

import html
import sys

POSTS, COMMENTS = 60, 400
PLACES = ["cellar", "attic", "garage", "market", "station", "harbour", "school", "chapel", "cinema", "garden"]
THINGS = ["shoebox", "drawer", "suitcase", "crate", "locker", "biscuit tin", "satchel", "cabinet", "trunk", "basket"]
NAMES = ["Ada", "Bruno", "Carla", "Dieter", "Edda", "Farid", "Greta", "Hugo", "Ines", "Jonas"]


def post(n):
    place, thing = PLACES[n % 10], THINGS[n // 6 % 10]
    rows = "".join(f"<li>Artist {n % 17} - Song {n} of the {place} {row}</li>" for row in range(1, 5 + n % 4))
    return (
        f"The {thing} from the {place}, part {n}",
        f"<p>Number {n} turned up in a {thing} that had stood in the {place} since the house was sold. The case was "
        f"cracked but the tape ran, and side one holds what the label promises.</p><h3>Track Listing</h3>"
        f"<ol>{rows}</ol><p>Side two is blank but for a minute of rain.</p>",
    )


def shares():
    """How many comments each post has: one has 61, some have none."""
    counts = [0] * (POSTS + 1)
    counts[30] = 61
    left = COMMENTS - 61
    n = 1
    while left:
        if n != 30 and n % 7:
            counts[n] += 1
            left -= 1
        n = n % POSTS + 1
    return counts


def main(url, out):
    counts = shares()
    w = out.write
    w('<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" '
      'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
      f'xmlns:wp="http://wordpress.org/export/1.2/">\n<channel><title>Found tapes</title><link>{url}</link>'
      f'<language>en-US</language><wp:wxr_version>1.2</wp:wxr_version><wp:base_site_url>{url}</wp:base_site_url>'
      f'<wp:base_blog_url>{url}</wp:base_blog_url>\n')
    comment = 0
    for n in range(1, POSTS + 1):
        title, body = post(n)
        date = f"{2014 + n // 12}-{n % 12 + 1:02}-{n % 28 + 1:02} 09:{n % 60:02}:00"
        slug = f"found-tape-{n}"
        w(f'<item><title>{html.escape(title)}</title><link>{url}/{date[:4]}/{date[5:7]}/{slug}/</link>'
          f'<dc:creator>keeper</dc:creator><content:encoded><![CDATA[{body}]]></content:encoded>'
          f'<wp:post_id>{n + 100}</wp:post_id><wp:post_date>{date}</wp:post_date><wp:post_date_gmt>{date}</wp:post_date_gmt>'
          f'<wp:comment_status>open</wp:comment_status><wp:post_name>{slug}</wp:post_name><wp:status>publish</wp:status>'
          f'<wp:post_parent>0</wp:post_parent><wp:post_type>post</wp:post_type>'
          f'<category domain="post_tag" nicename="{PLACES[n % 10]}">{PLACES[n % 10]}</category>')
        first = comment + 1
        for k in range(counts[n]):
            comment += 1
            # Every third one starts a thread, the others answer the one before.
            parent = comment - 1 if k % 3 and comment > first else 0
            w(f'<wp:comment><wp:comment_id>{comment}</wp:comment_id><wp:comment_author>{NAMES[comment % 10]} {comment % 23}'
              f'</wp:comment_author><wp:comment_author_email>c{comment}@mail.example</wp:comment_author_email>'
              f'<wp:comment_author_url></wp:comment_author_url><wp:comment_author_IP>192.0.2.{comment % 250}</wp:comment_author_IP>'
              f'<wp:comment_date>2022-{k % 12 + 1:02}-{comment % 28 + 1:02} 10:{comment % 60:02}:00</wp:comment_date>'
              f'<wp:comment_date_gmt>2022-{k % 12 + 1:02}-{comment % 28 + 1:02} 10:{comment % 60:02}:00</wp:comment_date_gmt>'
              f'<wp:comment_content><![CDATA[Remark {comment}: I had the same one, bought near the {PLACES[comment % 10]}, '
              f'and song {k + 1} always jumped.]]></wp:comment_content><wp:comment_approved>1</wp:comment_approved>'
              f'<wp:comment_type>comment</wp:comment_type><wp:comment_parent>{parent}</wp:comment_parent></wp:comment>')
        w("</item>\n")
    w("</channel></rss>\n")
    assert comment == COMMENTS, comment


main(sys.argv[1], open(sys.argv[2], "w", encoding="utf-8"))
