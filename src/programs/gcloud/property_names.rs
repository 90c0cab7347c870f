//! The properties that gcloud knows, by section. Must never hold a value.

/// Sections, with the names of their properties separated by blanks.
pub const PROPERTIES: &[(&str, &str)] = &[
    ("access_context_manager", "organization policy"),
    ("accessibility", "screen_reader"),
    ("ai", "region"),
    ("ai_platform", "region"),
    (
        "app",
        "cloud_build_timeout container_builder_image num_file_upload_threads promote_by_default runtime_builders_root runtime_root stop_previous_version trigger_build_server_side use_appengine_api use_flex_with_buildpacks use_runtime_builders",
    ),
    (
        "artifacts",
        "allow_unrecognized_registry domain gcr_host location max_notes_per_batch_request registry_endpoint_prefix repository",
    ),
    (
        "auth",
        "access_token_file auth_host authority_selector authorization_token_file client_id client_secret credential_file_override disable_code_verifier disable_credentials disable_load_google_auth disable_ssl_validation impersonate_service_account login_config_file mtls_token_host opt_out_google_auth reauth_use_google_auth service_account_disable_id_token_refresh service_account_use_self_signed_jwt token_host token_introspection_endpoint",
    ),
    ("batch", "location"),
    ("billing", "quota_project"),
    ("builds", "check_tag kaniko_cache_ttl kaniko_image region timeout use_kaniko"),
    ("colab", "region"),
    (
        "component_manager",
        "additional_repositories disable_update_check disable_warning fixed_sdk_version original_snapshot_url snapshot_url",
    ),
    ("composer", "location"),
    (
        "compute",
        "allow_partial_error force_batch_request gce_metadata_check_timeout_sec gce_metadata_read_timeout_sec iap_tunnel_use_new_websocket image_family_scope region use_new_list_usable_subnets_api zone",
    ),
    ("config_delivery", "location"),
    (
        "container",
        "build_check_tag build_timeout cluster use_application_default_credentials use_client_certificate",
    ),
    ("container_attached", "location"),
    ("container_aws", "location"),
    ("container_azure", "location"),
    ("container_bare_metal", "location"),
    ("container_vmware", "location"),
    (
        "core",
        "account api_key check_gce_metadata color_theme console_log_format credentialed_hosted_repo_domains custom_ca_certs_file default_format default_regional_backend_service disable_collection_path_deprecation_warning disable_color disable_command_lazy_loading disable_file_logging disable_prompts disable_usage_reporting enable_feature_flags enable_gri format http_timeout interactive_ux_style lint log_http log_http_redact_token log_http_show_request_body log_http_streaming_body max_log_days parse_error_details pass_credentials_to_gsutil print_completion_tracebacks print_handled_tracebacks print_unhandled_tracebacks project project_number request_reason resource_completion_style should_prompt_to_enable_api show_structured_logs trace_token universe_domain use_legacy_flattened_format user_output_enabled verbosity",
    ),
    ("dataflow", "disable_public_ips enable_streaming_engine print_only"),
    ("datafusion", "location"),
    ("datapipelines", "disable_public_ips enable_streaming_engine"),
    ("dataplex", "asset lake location zone"),
    ("dataproc", "location region"),
    ("deploy", "delivery_pipeline region"),
    ("deployment_manager", "glob_imports"),
    ("devshell", "image metadata_image"),
    ("diagnostics", "hidden_property_allowlist"),
    ("edge_container", "location"),
    ("eventarc", "location"),
    ("filestore", "location region zone"),
    ("functions", "gen2 region v2"),
    ("gcloudignore", "enabled"),
    ("gkebackup", "backup backup_plan location restore restore_plan"),
    ("healthcare", "dataset location"),
    ("infra-manager", "location"),
    (
        "interactive",
        "bottom_bindings_line bottom_status_line completion_menu_lines context debug fixed_prompt_position help_lines hidden justify_bottom_lines manpage_generator multi_column_completion_menu obfuscate prompt show_help suggest",
    ),
    ("looker", "region"),
    ("lustre", "location"),
    ("memcache", "region"),
    ("metastore", "location tier"),
    ("metrics", "command_name environment environment_version"),
    ("ml_engine", "local_python polling_interval"),
    ("netapp", "location"),
    ("notebooks", "location"),
    ("privateca", "location"),
    ("proxy", "address password port rdns type use_urllib3_via_shim username"),
    ("pubsub", "legacy_output"),
    ("redis", "region"),
    ("resource_policy", "org_restriction_header"),
    ("run", "cluster cluster_location namespace platform region"),
    ("runapps", "deployment_service_account experimental_integrations"),
    ("scc", "organization parent"),
    ("secrets", "locations replication-policy"),
    ("spanner", "instance"),
    ("ssh", "putty_force_connect verify_internal_ip"),
    (
        "storage",
        "additional_headers base_retry_delay check_hashes check_mv_early_deletion_fee convert_incompatible_windows_path_characters copy_chunk_size download_chunk_size enable_task_graph_debugging exponential_sleep_multiplier gs_xml_access_key_id gs_xml_endpoint_url gs_xml_secret_access_key json_api_version key_store_path max_retries max_retry_delay multipart_chunksize multipart_threshold parallel_composite_upload_compatibility_check parallel_composite_upload_component_prefix parallel_composite_upload_component_size parallel_composite_upload_enabled parallel_composite_upload_threshold preferred_api process_count resumable_threshold rsync_files_directory rsync_list_chunk_size run_by_gsutil_shim s3_endpoint_url sliced_object_download_component_size sliced_object_download_max_components sliced_object_download_threshold suggest_transfer symlink_placeholder_directory task_graph_debugging_snapshot_duration thread_count tracker_files_directory upload_chunk_size use_gcloud_crc32c use_grpc_if_available use_gsutil use_gsutil_rsync_delete_unmatched_destination_objects_behavior use_magicfile use_threading_local use_url_based_rsync_sorting",
    ),
    ("survey", "disable_prompts"),
    ("transcoder", "location"),
    ("vmware", "node-type region"),
    ("web3", "location"),
    ("workflows", "location"),
    ("workstations", "cluster config region"),
];

/// Section and name of a property as it was typed; a name alone is of `core`.
///
/// # Errors
/// A section or property that does not exist.
pub fn find(typed: &str) -> Result<(String, String), String> {
    let (section, name) = typed.split_once('/').unwrap_or(("core", typed));
    let Some((_, names)) = PROPERTIES.iter().find(|(known, _)| *known == section) else {
        return Err(format!("Section \"{section}\" does not exist."));
    };
    if !names.split(' ').any(|known| known == name) {
        return Err(format!("Section [{section}] has no property [{name}]."));
    }
    Ok((section.to_owned(), name.to_owned()))
}
