<?php
// One more comment to one post, and one post edited: what the next crawl has to bring.
[, $url] = $argv;
$_SERVER['HTTP_HOST'] = preg_replace('#^https?://#', '', $url);
$_SERVER['REQUEST_URI'] = '/';
$_SERVER['REQUEST_METHOD'] = 'GET';
require getenv('WORDPRESS') . '/wp-load.php';
kses_remove_filters();
wp_insert_comment(wp_slash([
    'comment_post_ID' => 107, 'comment_author' => 'Late Lena', 'comment_content' => 'Remark 401: this one came years later.',
    'comment_approved' => 1, 'comment_type' => 'comment',
]));
$post = get_post(112);
wp_update_post(wp_slash([
    'ID' => 112, 'post_content' => str_replace('minute of rain', 'minute of thunderstorm', $post->post_content),
]));
