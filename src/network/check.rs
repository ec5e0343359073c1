//! Finds everything that keeps a drawing from running, or from running as meant.
//!
//! Only what would give wrong or meaningless figures is an error; whatever is merely unfinished is a warning, so that
//! a simulation goes on while people draw. The answer depends on what is drawn, not on how it came about.

use std::collections::VecDeque;

use super::problem::{Problem, ProblemKind};
use crate::design::fault::{FaultKind, Strikes};
use crate::design::field::{Configurable, Value};
use crate::design::kind::cache::WritePolicy;
use crate::design::kind::monitoring::Remedy;
use crate::design::kind::scaling::Autoscaling;
use crate::design::script::{Action, Target};
use crate::design::{Component, ComponentConfig, Design, Link, LinkRole};
use crate::format;
use crate::ids::{ComponentId, LinkId};
use crate::sorted;

/// Most stations of one network: a bound for memory, far above what anyone draws.
pub const STATION_LIMIT: usize = 50_000;

/// Everything that is wrong with a design, worst first, then by component and link.
///
/// # Complexity
/// O(components × links) for the reach of each database server; linear for the rest.
pub fn problems(design: &Design) -> Vec<Problem> {
    let mut check = Check { design, found: Vec::new() };
    check.users();
    check.names();
    check.balancers();
    check.unused();
    check.call_cycles();
    check.replication();
    check.memory();
    check.data();
    check.messages();
    check.script();
    check.size();
    let mut found = check.found;
    let place = |problem: &Problem| {
        (core::cmp::Reverse(problem.severity()), problem.component.is_none(), problem.component, problem.link)
    };
    sorted::sort_by(&mut found, |a, b| place(a).cmp(&place(b)));
    found
}

/// Number of machines that a component stands for.
pub fn instances(design: &Design, component: &Component) -> u32 {
    match &component.config {
        ComponentConfig::Cdn(cdn) => {
            edge_owners(design, component.id).len().max(1) as u32 + u32::from(cdn.origin_shield)
        }
        config => instances_of(config).unwrap_or(1) + spares(design, component),
    }
}

/// Number of machines that a component has beyond that: for deployments that start new ones before old ones go, and for
/// monitoring that adds some.
pub fn spares(design: &Design, component: &Component) -> u32 {
    for_deployment(design, component).max(for_monitoring(design, component))
}

fn for_deployment(design: &Design, component: &Component) -> u32 {
    if component.config.container().is_none() {
        return 0;
    }
    let deployers = |id| design.links_to(id).into_iter().filter(|link| link.role == LinkRole::Deploys);
    let hosts = design.links_to(component.id).into_iter().filter(|link| link.role == LinkRole::Hosts);
    let through_pools = hosts.flat_map(|link| deployers(link.from));
    let most = instances_of(&component.config).unwrap_or(1);
    deployers(component.id)
        .chain(through_pools)
        .filter_map(|link| match &design.component(link.from)?.config {
            ComponentConfig::Pipeline(pipeline) => Some(pipeline.spares(most)),
            _ => None,
        })
        .max()
        .unwrap_or(0)
}

/// Machines that monitoring may start of a component beyond those that it states. An autoscaler has places of its own.
fn for_monitoring(design: &Design, component: &Component) -> u32 {
    let config = &component.config;
    if !matches!(config, ComponentConfig::Server(_) | ComponentConfig::Worker(_)) || config.scaling().is_some() {
        return 0;
    }
    let observers = design.links_to(component.id).into_iter().filter(|link| link.role == LinkRole::Observe);
    let most = observers.filter_map(|link| match &design.component(link.from)?.config {
        ComponentConfig::Monitoring(monitoring) if monitoring.remedy == Remedy::ScaleOut => {
            Some(monitoring.most_instances)
        }
        _ => None,
    });
    most.max().map_or(0, |most| most.saturating_sub(config.stated_instances()))
}

/// Number of machines that a configuration stands for by itself; `None` if that depends on what it is connected to.
pub fn instances_of(config: &ComponentConfig) -> Option<u32> {
    let most = config.scaling().and_then(Autoscaling::max).unwrap_or(0);
    Some(match config {
        ComponentConfig::Cdn(_) => return None,
        ComponentConfig::Server(_) | ComponentConfig::WebsocketService(_) | ComponentConfig::Worker(_) => {
            config.stated_instances().max(most)
        }
        ComponentConfig::ContainerPool(pool) => pool.most_nodes(),
        ComponentConfig::NosqlDatabase(database) => database.nodes,
        ComponentConfig::Cache(cache) => cache.nodes * (1 + cache.replicas),
        ComponentConfig::Users(_)
        | ComponentConfig::Dns(_)
        | ComponentConfig::LoadBalancer(_)
        | ComponentConfig::Gateway(_)
        | ComponentConfig::SqlDatabase(_)
        | ComponentConfig::DatabaseBalancer(_)
        | ComponentConfig::ShardRouter(_)
        | ComponentConfig::SessionStore(_)
        | ComponentConfig::ObjectStorage(_)
        | ComponentConfig::ThirdParty(_)
        | ComponentConfig::Monitoring(_)
        | ComponentConfig::Machine(_)
        | ComponentConfig::Pipeline(_)
        | ComponentConfig::Queue(_) => 1,
    })
}

/// The groups of users that a CDN has an edge for, by identity.
pub fn edge_owners(design: &Design, cdn: ComponentId) -> Vec<ComponentId> {
    let is_users = |id: &ComponentId| {
        design.component(*id).is_some_and(|component| matches!(component.config, ComponentConfig::Users(_)))
    };
    let mut owners: Vec<ComponentId> = design.links_to(cdn).iter().map(|link| link.from).filter(is_users).collect();
    sorted::sort_by(&mut owners, Ord::cmp);
    owners.dedup();
    owners
}

struct Check<'a> {
    design: &'a Design,
    found: Vec<Problem>,
}

impl<'a> Check<'a> {
    fn report(
        &mut self,
        component: impl Into<Option<ComponentId>>,
        link: impl Into<Option<LinkId>>,
        kind: ProblemKind,
    ) {
        self.found.push(Problem { component: component.into(), link: link.into(), kind });
    }

    fn name(&self, id: ComponentId) -> String {
        self.design.component(id).map_or_else(|| id.to_string(), |component| component.name.clone())
    }

    fn users_groups(&self) -> impl Iterator<Item = (&'a Component, &'a crate::design::kind::users::Users)> + use<'a> {
        self.design.components().filter_map(|component| match &component.config {
            ComponentConfig::Users(users) => Some((component, users)),
            _ => None,
        })
    }

    fn links_from(&self, id: ComponentId, role: LinkRole) -> impl Iterator<Item = &'a Link> + use<'a> {
        self.design.links_from(id).into_iter().filter(move |link| link.role == role)
    }

    fn links_to(&self, id: ComponentId, role: LinkRole) -> impl Iterator<Item = &'a Link> + use<'a> {
        self.design.links_to(id).into_iter().filter(move |link| link.role == role)
    }

    fn users(&mut self) {
        let groups: Vec<_> = self.users_groups().collect();
        if groups.is_empty() {
            return self.report(None, None, ProblemKind::NoUsers);
        }
        let carries = |link: &&Link| {
            matches!(link.role, LinkRole::Requests | LinkRole::Static | LinkRole::Uploads | LinkRole::Live)
        };
        let anyone = groups.iter().any(|(users, _)| self.design.links_from(users.id).iter().any(carries));
        if !anyone {
            return self.report(groups[0].0.id, None, ProblemKind::NothingReached);
        }
        let total_share: f64 = groups.iter().map(|(_, config)| config.share).sum();
        for (component, config) in groups {
            let id = component.id;
            let users = component.name.clone();
            let direct = self.links_from(id, LinkRole::Requests).count();
            let files = self.links_from(id, LinkRole::Static).count();
            let live = self.links_from(id, LinkRole::Live).count();
            if live == 0 && config.live_share > 0.0 {
                self.report(id, None, ProblemKind::LiveGoesNowhere { users: users.clone() });
            }
            if direct + files + live == 0 {
                self.report(id, None, ProblemKind::UsersReachNothing { users });
                continue;
            }
            let dynamic = config.read_share + config.write_share + config.upload_share + config.job_share;
            if dynamic + config.static_share + config.live_share <= 0.0 || config.share <= 0.0 || total_share <= 0.0 {
                self.report(id, None, ProblemKind::UsersSendNothing { users: users.clone() });
            } else if direct == 0 && dynamic > 0.0 {
                self.report(id, None, ProblemKind::OnlyStatic { users: users.clone() });
            }
            if direct > 1 && self.links_from(id, LinkRole::Resolve).next().is_none() {
                self.report(id, None, ProblemKind::SeveralTargets { users });
            }
        }
    }

    /// What users are told by DNS, against what they are connected to.
    fn names(&mut self) {
        let mut without_records = sorted::Set::new();
        for (users, _) in self.users_groups() {
            let reached: sorted::Set<ComponentId> = self
                .design
                .links_from(users.id)
                .into_iter()
                .filter(|link| matches!(link.role, LinkRole::Requests | LinkRole::Static))
                .map(|link| link.to)
                .collect();
            if reached.is_empty() {
                continue;
            }
            let mut services = self.links_from(users.id, LinkRole::Resolve);
            let Some(dns) = services.next().map(|link| link.to) else { continue };
            let (users_name, dns_name) = (|| users.name.clone(), self.name(dns));
            for other in services {
                let (asked, ignored) = (dns_name.clone(), self.name(other.to));
                self.report(users.id, other.id, ProblemKind::DnsIgnored { users: users_name(), asked, ignored });
            }
            let records: Vec<&Link> = self.links_from(dns, LinkRole::Record).collect();
            if records.is_empty() {
                without_records.insert(dns);
                continue;
            }
            for record in records.iter().filter(|record| !reached.contains(&record.to)) {
                let (dns, target) = (dns_name.clone(), self.name(record.to));
                self.report(users.id, record.id, ProblemKind::RecordUnreachable { users: users_name(), dns, target });
            }
            for link in self.links_from(users.id, LinkRole::Requests) {
                if !records.iter().any(|record| record.to == link.to) {
                    let (dns, target) = (dns_name.clone(), self.name(link.to));
                    self.report(users.id, link.id, ProblemKind::RecordMissing { users: users_name(), dns, target });
                }
            }
        }
        for dns in without_records {
            self.report(dns, None, ProblemKind::NoRecord { dns: self.name(dns) });
        }
    }

    fn balancers(&mut self) {
        let reached = self.reached();
        for component in self.design.components() {
            let balances = matches!(component.config, ComponentConfig::LoadBalancer(_) | ComponentConfig::Gateway(_));
            if balances
                && reached.contains(&component.id)
                && self.links_from(component.id, LinkRole::Requests).next().is_none()
            {
                self.report(component.id, None, ProblemKind::NoTargets { balancer: component.name.clone() });
            }
        }
    }

    fn unused(&mut self) {
        let reached = self.reached();
        for component in self.design.components() {
            // Nothing travels to a machine or a pipeline; they are used if something runs there, or is deployed, and
            // monitoring is used if it looks at something.
            let is_used = self
                .design
                .links_from(component.id)
                .iter()
                .any(|link| matches!(link.role, LinkRole::Hosts | LinkRole::Deploys | LinkRole::Observe));
            if !reached.contains(&component.id) && !is_used {
                self.report(component.id, None, ProblemKind::Unused { component: component.name.clone() });
            }
        }
    }

    /// Users, and whatever a link leads to from there. A record is not followed: nothing travels along it.
    fn reached(&self) -> sorted::Set<ComponentId> {
        self.reach(self.users_groups().map(|(users, _)| users.id), |link| link.role != LinkRole::Record)
    }

    fn reach(
        &self,
        starts: impl Iterator<Item = ComponentId>,
        follow: impl Fn(&Link) -> bool,
    ) -> sorted::Set<ComponentId> {
        let mut reached: sorted::Set<ComponentId> = starts.collect();
        let mut open: Vec<ComponentId> = reached.iter().copied().collect();
        while let Some(id) = open.pop() {
            let onwards = self.design.links_from(id).into_iter().filter(|link| link.role != LinkRole::Consume);
            let onwards = onwards.filter(|link| follow(link)).map(|link| link.to);
            // Workers fetch their messages themselves: what reaches the queue reaches them.
            let taken = self.design.links_to(id).into_iter().filter(|link| link.role == LinkRole::Consume);
            let taken = taken.filter(|link| follow(link)).map(|link| link.from);
            for next in onwards.chain(taken) {
                if reached.insert(next) {
                    open.push(next);
                }
            }
        }
        reached
    }

    fn call_cycles(&mut self) {
        for group in self.design.cycles(LinkRole::is_synchronous) {
            let cycle = self.circle(&group, LinkRole::is_synchronous);
            self.report(group[0], None, ProblemKind::CallCycle { cycle });
        }
    }

    /// The shortest way from the first of `group` back to itself, as `A → B → A`.
    fn circle(&self, group: &[ComponentId], follow: impl Fn(LinkRole) -> bool) -> String {
        let start = group[0];
        let mut came_from: sorted::Map<ComponentId, ComponentId> = sorted::Map::new();
        let mut open = VecDeque::from([start]);
        while let Some(id) = open.pop_front() {
            for link in self.design.links_from(id).into_iter().filter(|link| follow(link.role)) {
                if group.contains(&link.to) && !came_from.contains_key(&link.to) {
                    came_from.insert(link.to, id);
                    open.push_back(link.to);
                }
            }
        }
        let mut names = vec![self.name(start)];
        let mut at = came_from[&start];
        while at != start {
            names.push(self.name(at));
            at = came_from[&at];
        }
        names.push(self.name(start));
        names.reverse();
        names.join(" → ")
    }

    fn replication(&mut self) {
        // Whatever hangs together with a circle of logs is in order.
        let on_circles: Vec<ComponentId> = self
            .design
            .components()
            .map(|component| component.id)
            .filter(|&id| self.design.replicates_to(id, id))
            .collect();
        let mut circular = on_circles.clone();
        circular.extend(self.design.components().map(|component| component.id).filter(|&id| {
            on_circles
                .iter()
                .any(|&on_circle| self.design.replicates_to(on_circle, id) || self.design.replicates_to(id, on_circle))
        }));
        for component in self.design.components().filter(|component| !circular.contains(&component.id)) {
            let incoming: Vec<&Link> = self.links_to(component.id, LinkRole::Replicate).collect();
            if incoming.is_empty() {
                continue;
            }
            let replica = component.name.clone();
            if incoming.len() > 1 {
                let primaries = incoming.iter().map(|link| self.name(link.from)).collect::<Vec<_>>().join(", ");
                self.report(component.id, None, ProblemKind::SeveralPrimaries { replica: replica.clone(), primaries });
            }
            for link in self.links_from(component.id, LinkRole::Replicate) {
                let target = self.name(link.to);
                self.report(component.id, link.id, ProblemKind::ReplicaOfReplica { replica: replica.clone(), target });
            }
        }
    }

    /// What servers do with data: whether their queries arrive somewhere, and still do after a failover.
    /// A process that does not even fit into its machine by itself would be killed and started for ever.
    fn memory(&mut self) {
        for component in self.design.components() {
            let ComponentConfig::Server(server) = &component.config else { continue };
            let memory = server.machine_memory_mb();
            if server.memory_base_mb > memory {
                let kind = ProblemKind::ProcessTooLarge {
                    server: component.name.clone(),
                    needed: format::bytes(server.memory_base_mb * 1e6),
                    memory: format::bytes(memory * 1e6),
                };
                self.report(component.id, None, kind);
            }
        }
    }

    fn data(&mut self) {
        let wants = |wanted: fn(&crate::design::kind::users::Users) -> f64| {
            let groups = self.users_groups().filter(|(_, config)| wanted(config) > 0.0).map(|(users, _)| users.id);
            self.reach(groups, |link| matches!(link.role, LinkRole::Requests | LinkRole::Fetch))
        };
        let (read_by, written_by) = (wants(|users| users.read_share), wants(|users| users.write_share));
        for component in self.design.components() {
            self.origins(component);
            let ComponentConfig::Server(config) = &component.config else { continue };
            let (id, server) = (component.id, component.name.clone());
            let links: Vec<&Link> = self.design.links_from(id);
            let reads = links.iter().any(|link| link.role.carries_reads());
            self.misses(component, reads);
            let queries: Vec<&&Link> =
                links.iter().filter(|link| link.role.carries_reads() || link.role.carries_writes()).collect();
            if queries.is_empty() {
                continue;
            }
            // With a cache in between, misses are what matters.
            let cached = links.iter().any(|link| link.role == LinkRole::Lookup);
            if !reads && !cached && config.queries_per_read > 0 && read_by.contains(&id) {
                self.report(id, None, ProblemKind::ReadsGoNowhere { server: server.clone() });
            }
            if config.queries_per_write == 0 || !written_by.contains(&id) {
                continue;
            }
            let primaries: Vec<ComponentId> = queries
                .iter()
                .filter(|link| link.role.carries_writes())
                .map(|link| link.to)
                .filter(|&database| !self.design.is_replica(database))
                .collect();
            if primaries.is_empty() {
                self.report(id, None, ProblemKind::WritesGoNowhere { server: server.clone() });
            }
            for primary in primaries {
                if !self.fails_over(primary) || self.design.replicates_to(primary, primary) {
                    continue;
                }
                for log in self.links_from(primary, LinkRole::Replicate) {
                    if !queries.iter().any(|link| link.to == log.to) {
                        let replica = self.name(log.to);
                        let kind = ProblemKind::FailoverUnreachable { server: server.clone(), replica };
                        self.report(id, None, kind);
                    }
                }
            }
        }
    }

    fn messages(&mut self) {
        for component in self.design.components() {
            let (id, name) = (component.id, component.name.clone());
            match &component.config {
                ComponentConfig::Queue(_) => {
                    let is_filled = self.links_to(id, LinkRole::Publish).next().is_some();
                    if is_filled && self.links_to(id, LinkRole::Consume).next().is_none() {
                        self.report(id, None, ProblemKind::NoWorkers { queue: name });
                    }
                }
                ComponentConfig::Worker(_) if self.links_from(id, LinkRole::Consume).next().is_none() => {
                    self.report(id, None, ProblemKind::NoQueue { worker: name });
                }
                _ => {}
            }
        }
    }

    fn misses(&mut self, server: &Component, reads: bool) {
        for link in self.links_from(server.id, LinkRole::Lookup) {
            if !reads && !self.loads_itself(link.to) {
                let kind = ProblemKind::MissesGoNowhere { server: server.name.clone(), cache: self.name(link.to) };
                self.report(server.id, link.id, kind);
            }
        }
    }

    fn origins(&mut self, cache: &Component) {
        if let ComponentConfig::Cache(config) = &cache.config
            && matches!(config.write_policy, WritePolicy::Through | WritePolicy::Back)
            && !self.loads_itself(cache.id)
        {
            self.report(cache.id, None, ProblemKind::CacheWithoutOrigin { cache: cache.name.clone() });
        }
        let mut origins = self.links_from(cache.id, LinkRole::Fetch);
        let Some(used) = origins.next() else { return };
        for other in origins {
            let (used, ignored) = (self.name(used.to), self.name(other.to));
            self.report(cache.id, other.id, ProblemKind::OriginIgnored { cache: cache.name.clone(), used, ignored });
        }
    }

    fn loads_itself(&self, cache: ComponentId) -> bool {
        self.links_from(cache, LinkRole::Fetch).next().is_some()
    }

    fn fails_over(&self, database: ComponentId) -> bool {
        self.design.component(database).is_some_and(
            |component| matches!(&component.config, ComponentConfig::SqlDatabase(config) if config.automatic_failover),
        )
    }

    fn script(&mut self) {
        for event in &self.design.settings().script {
            let at_secs = event.at_secs.to_string();
            let (target, fault) = match &event.action {
                Action::SetUsers(_) => continue,
                Action::Kill(id) => (Target::Component(*id), Some(FaultKind::Crash)),
                Action::KillInstance(id, instance) => (Target::Instance(*id, *instance), Some(FaultKind::Crash)),
                Action::Restore(id) | Action::RestoreBackup(id) | Action::Deploy(id) => (Target::Component(*id), None),
                Action::Inject { target, fault } => (*target, Some(fault.kind())),
                Action::Clear { target, fault } => (*target, *fault),
                Action::SetParameter { target, key, value } => {
                    self.script_parameter(*target, key, value, &at_secs);
                    (*target, None)
                }
            };
            let (id, machine) = match target {
                Target::Component(id) => (id, None),
                Target::Instance(id, instance) => (id, Some(instance)),
                Target::Link(id) => {
                    self.script_link(id, fault, at_secs);
                    continue;
                }
                Target::Frame(id) => {
                    if self.design.frame(id).is_none() {
                        self.report(None, None, ProblemKind::ScriptFrame { frame: id.to_string(), at_secs });
                    }
                    continue;
                }
            };
            let Some(component) = self.design.component(id) else {
                self.report(None, None, ProblemKind::ScriptComponent { component: id.to_string(), at_secs });
                continue;
            };
            let present = instances(self.design, component);
            if let Some(instance) = machine.filter(|&instance| instance >= present) {
                let kind = ProblemKind::ScriptInstance {
                    component: component.name.clone(),
                    instance: instance.to_string(),
                    instances: present.to_string(),
                };
                self.report(id, None, kind);
            }
        }
    }

    fn script_link(&mut self, id: LinkId, fault: Option<FaultKind>, at_secs: String) {
        if self.design.link(id).is_none() {
            self.report(None, None, ProblemKind::ScriptLink { link: id.to_string(), at_secs });
        } else if let Some(fault) = fault.filter(|fault| fault.strikes() == Strikes::Machines) {
            let fault = crate::text::text(&format!("faults.{}.name", fault.key())).to_owned();
            self.report(None, id, ProblemKind::ScriptFault { fault, at_secs });
        }
    }

    fn script_parameter(&mut self, target: Target, key: &str, value: &Value, at_secs: &str) {
        let (component, link, fields) = match target {
            Target::Component(id) | Target::Instance(id, _) => match self.design.component(id) {
                Some(component) => (Some(id), None, component.config.fields()),
                None => return,
            },
            Target::Link(id) => match self.design.link(id) {
                Some(link) => (None, Some(id), link.config.fields()),
                None => return,
            },
            Target::Frame(_) => (None, None, Vec::new()),
        };
        let fits = fields.iter().any(|field| field.key == key && field.check(value).is_ok());
        if !fits {
            let kind = ProblemKind::ScriptParameter {
                parameter: key.to_owned(),
                value: value.to_string(),
                at_secs: at_secs.to_owned(),
            };
            self.report(component, link, kind);
        }
    }

    fn size(&mut self) {
        let stations: usize =
            self.design.components().map(|component| instances(self.design, component) as usize).sum();
        if stations > STATION_LIMIT {
            let kind =
                ProblemKind::TooManyStations { stations: stations.to_string(), limit: STATION_LIMIT.to_string() };
            self.report(None, None, kind);
        }
    }
}
