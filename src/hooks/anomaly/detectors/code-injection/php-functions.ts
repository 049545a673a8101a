/** Functions of PHP that run commands or code, or tell about the server. */
export const phpFunctions =
  'system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec|assert|eval|phpinfo|create_function|call_user_func|call_user_func_array|file_put_contents|file_get_contents|readfile|show_source|highlight_file|base64_decode|gzinflate|php_uname|posix_getuid|getcwd|chr|print_r|var_dump|die|md5'

/** Functions of PHP that are told by name which function to call. */
export const phpCallers =
  'call_user_func|call_user_func_array|array_map|array_filter|array_walk|array_reduce|usort|uasort|uksort|register_shutdown_function|register_tick_function|ob_start|iterator_apply|forward_static_call|preg_replace_callback|set_error_handler'

/** Those, and what an attack may wrap them in. */
export const phpNames: ReadonlySet<string> = new Set(
  `${phpFunctions}|${phpCallers}|strrev|implode|join|str_rot13|hex2bin|preg_replace|include|include_once|require|require_once|print|printf`.split(
    '|',
  ),
)
