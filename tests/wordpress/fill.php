<?php
// Installs WordPress and fills it from an export: fill.php URL EXPORT. What the import plug-in does, without it.
[, $url, $export] = $argv;
$_SERVER['HTTP_HOST'] = preg_replace('#^https?://#', '', $url);
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['REQUEST_URI'] = '/';
$_SERVER['REQUEST_METHOD'] = 'GET';
$_SERVER['REMOTE_ADDR'] = '127.0.0.1';
define('WP_INSTALLING', true);
require getenv('WORDPRESS') . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
function wp_new_blog_notification(...$args) {}
wp_install('Found tapes', 'keeper', 'keeper@mail.example', true, '', 'not used by anybody');
foreach (get_posts(['post_type' => ['post', 'page'], 'post_status' => 'any', 'numberposts' => -1]) as $post) {
    wp_delete_post($post->ID, true);
}
foreach ([
    'siteurl' => $url, 'home' => $url, 'permalink_structure' => '/%year%/%monthnum%/%postname%/',
    'page_comments' => 1, 'comments_per_page' => 10, 'default_comments_page' => 'newest', 'thread_comments' => 1,
    'thread_comments_depth' => 4, 'posts_per_page' => 10, 'comments_notify' => 0, 'template' => 'twentytwentyone',
    'stylesheet' => 'twentytwentyone', 'timezone_string' => 'UTC',
] as $option => $value) {
    update_option($option, $value);
}
kses_remove_filters();
$xml = simplexml_load_file($export, 'SimpleXMLElement', LIBXML_NOCDATA);
$posts = $comments = 0;
foreach ($xml->channel->item as $item) {
    $wp = $item->children('http://wordpress.org/export/1.2/');
    $tags = [];
    foreach ($item->category as $tag) {
        $tags[] = (string) $tag;
    }
    $id = wp_insert_post(wp_slash([
        'import_id' => (int) $wp->post_id, 'post_title' => (string) $item->title, 'post_status' => 'publish',
        'post_content' => (string) $item->children('http://purl.org/rss/1.0/modules/content/')->encoded,
        'post_name' => (string) $wp->post_name, 'post_date' => (string) $wp->post_date,
        'post_date_gmt' => (string) $wp->post_date_gmt, 'post_author' => 1, 'tags_input' => $tags,
    ]), true);
    $posts++;
    $ids = [];
    foreach ($wp->comment as $comment) {
        $c = $comment->children('http://wordpress.org/export/1.2/');
        $ids[(int) $c->comment_id] = wp_insert_comment(wp_slash([
            'comment_post_ID' => $id, 'comment_author' => (string) $c->comment_author,
            'comment_author_email' => (string) $c->comment_author_email, 'comment_content' => (string) $c->comment_content,
            'comment_date' => (string) $c->comment_date, 'comment_date_gmt' => (string) $c->comment_date_gmt,
            'comment_parent' => $ids[(int) $c->comment_parent] ?? 0, 'comment_approved' => 1, 'comment_type' => 'comment',
        ]));
        $comments++;
    }
}
flush_rewrite_rules();
echo "$posts posts, $comments comments\n";
