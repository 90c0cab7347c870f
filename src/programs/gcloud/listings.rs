//! How each command prints what it lists, word for word as the real client has it: error messages quote these.

/// `auth list`.
pub const ACCOUNTS: &str = "table[title='Credentialed Accounts'](\n        status.yesno(yes='*', no=''):label=ACTIVE,\n        account\n        )";
/// `config configurations list`.
pub const CONFIGURATIONS: &str = "table(\n        name,\n        is_active,\n        properties.core.account,\n        properties.core.project,\n        properties.compute.zone:label=COMPUTE_DEFAULT_ZONE,\n        properties.compute.region:label=COMPUTE_DEFAULT_REGION)\n    ";
/// `container clusters list` and `create`.
pub const CLUSTERS: &str = "\n    table(\n        name,\n        zone:label=LOCATION,\n        master_version():label=MASTER_VERSION,\n        endpoint:label=MASTER_IP,\n        nodePools[0].config.machineType,\n        currentNodeVersion:label=NODE_VERSION,\n        firstof(currentNodeCount,initialNodeCount):label=NUM_NODES,\n        status\n    )\n";
/// `container node-pools list` and `create`.
pub const NODE_POOLS: &str = "\n     table(\n        name,\n        config.machineType,\n        config.diskSizeGb,\n        version:label=NODE_VERSION\n     )\n";
/// `container operations list`.
pub const OPERATIONS: &str = "\n    table(\n        name,\n        operationType:label=TYPE,\n        zone:label=LOCATION,\n        targetLink.basename():label=TARGET,\n        statusMessage,\n        status,\n        startTime,\n        endTime\n    )\n";
/// `container images list`.
pub const CONTAINER_IMAGES: &str = "table(name)";
/// `container images list-tags`.
pub const CONTAINER_TAGS: &str = "\n    table(\n        digest.slice(7:19).join(''),\n        tags.list(),\n        timestamp.date():optional\n    )\n";
/// `compute instances list` and `create`.
pub const INSTANCES: &str = "    table(\n      name,\n      zone.basename(),\n      machineType.machine_type().basename(),\n      scheduling.preemptible.yesno(yes=true, no=''),\n      networkInterfaces.internal_ip():label=INTERNAL_IP,\n      external_ip():label=EXTERNAL_IP,\n      status\n    )";
/// `compute zones list`.
pub const ZONES: &str = "        table(name,\n              region.basename(),\n              status():label=STATUS,\n              maintenanceWindows.next_maintenance():label=NEXT_MAINTENANCE,\n              deprecated.deleted:label=TURNDOWN_DATE\n        )";
/// `compute regions list`.
pub const REGIONS: &str = "        table(\n          name,\n          quotas.metric.CPUS.quota():label=CPUS,\n          quotas.metric.DISKS_TOTAL_GB.quota():label=DISKS_GB,\n          quotas.metric.IN_USE_ADDRESSES.quota():label=ADDRESSES,\n          quotas.metric.STATIC_ADDRESSES.quota():label=RESERVED_ADDRESSES,\n          status():label=STATUS,\n          deprecated.deleted:label=TURNDOWN_DATE\n        )";
/// `compute machine-types list`.
pub const MACHINE_TYPES: &str = "    table(\n      name,\n      zone.basename(),\n      guestCpus:label=CPUS,\n      memoryMb.size(units_in=MiB, units_out=GiB, precision=2):label=MEMORY_GB,\n      deprecated.state:label=DEPRECATED\n    )\n";
/// `compute firewall-rules list` and `create`.
pub const FIREWALL_RULES: &str = "    table(\n      name,\n      network.basename(),\n      direction,\n      priority,\n      allowed[].map().firewall_rule().list():label=ALLOW,\n      denied[].map().firewall_rule().list():label=DENY,\n      disabled\n    )";
/// `compute networks list`.
pub const NETWORKS: &str = "    table(\n      name,\n      x_gcloud_subnet_mode:label=SUBNET_MODE,\n      x_gcloud_bgp_routing_mode:label=BGP_ROUTING_MODE,\n      IPv4Range:label=IPV4_RANGE,\n      gatewayIPv4,\n      internalIpv6Range\n    )";
/// `compute networks subnets list`.
pub const SUBNETS: &str = "    table(\n      name,\n      region.basename(),\n      network.basename(),\n      ipCidrRange:label=RANGE,\n      stackType,\n      ipv6AccessType,\n      internalIpv6Prefix,\n      externalIpv6Prefix\n    )";
/// `compute addresses list`.
pub const ADDRESSES: &str = "        table(\n          name,\n          address:label=ADDRESS/RANGE,\n          addressType:label=TYPE,\n          purpose,\n          network.basename(),\n          region.basename(),\n          subnetwork.basename():label=SUBNET,\n          status\n        )";
/// `compute forwarding-rules list`.
pub const FORWARDING_RULES: &str = "      table(\n        name,\n        region.basename(),\n        IPAddress,\n        IPProtocol,\n        firstof(\n            target,\n            backendService).scope():label=TARGET\n      )\n      ";
/// `compute target-pools list`.
pub const TARGET_POOLS: &str = "    table(\n      name,\n      region.basename(),\n      sessionAffinity,\n      backupPool.basename():label=BACKUP,\n      healthChecks[].map().basename().list():label=HEALTH_CHECKS\n    )";
/// `artifacts repositories list`.
pub const REPOSITORIES: &str = "    table[title=\"ARTIFACT_REGISTRY\"](\n         name.basename():label=REPOSITORY,\n         format:label=FORMAT,\n         mode.basename(undefined=STANDARD_REPOSITORY):label=MODE,\n         description:label=DESCRIPTION,\n         name.segment(3):label=LOCATION,\n         labels.list():label=LABELS,\n         kmsKeyName.yesno(yes='Customer-managed key', no='Google-managed key'):label=ENCRYPTION,\n         createTime.date(tz=LOCAL),\n         updateTime.date(tz=LOCAL),\n         sizeBytes.size(zero='0',precision=3,units_out=M):label=\"SIZE (MB)\"\n    )";
/// `artifacts docker images list`.
pub const DOCKER_IMAGES: &str = "table(package:label=IMAGE,version:label=DIGEST,createTime.date(tz=LOCAL),updateTime.date(tz=LOCAL),metadata.imageSizeBytes:label=SIZE)";
/// The same with `--include-tags`.
pub const DOCKER_IMAGES_TAGS: &str = "table(package:label=IMAGE,version:label=DIGEST,tags.list(),createTime.date(tz=LOCAL),updateTime.date(tz=LOCAL),metadata.imageSizeBytes:label=SIZE)";
/// `artifacts docker tags list`.
pub const DOCKER_TAGS: &str =
    "    table(\n      tag.basename(),\n      image,\n      version.basename():label=DIGEST\n    )";
/// `artifacts locations list`.
pub const LOCATIONS: &str = "    table(\n      name:label=LOCATIONS\n    )";
/// `projects list`.
pub const PROJECTS: &str = "\n    table(\n      projectId:sort=1,\n      name,\n      projectNumber\n    )\n";
/// `services list`.
pub const SERVICES: &str = "\n          table(\n            config.name:label=NAME:sort=1,\n            config.title\n          )\n        ";
