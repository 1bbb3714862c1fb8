"""Write a corpus of short news articles with known effects, for tests of comparisons between outlets and over time.

python tests/make_corpus.py OUT.csv|OUT.jsonl [--count N] [--seed N]

All of it is invented and reports no real event. Each of the effects below is planted by a draw of its own, so what is in a corpus differs
from them by sampling error; `truth` says what is in an article. The same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

FIELDS = ("id", "title", "text", "outlet", "date", "author")
AUTHORS = {  # None: without
    "Harbour Gazette": ("Elspeth Marrow", "Tobias Quenby", "Ines Falkirk", None),
    "The Meridian": ("Rufus Aldgrove", "Maud Sethi-Lorne", None),
    "Northern Ledger": ("Hamish Tolquhoun", "Freya Ostlund", "Colm Dunraven", None),
}
OUTLETS = tuple(AUTHORS)
FIRST_DAY, DAYS = date(2025, 1, 1), 365

# TREND: the share of positive ones among the sentences that judge China, on the first day and on the last; linear between.
POSITIVE_FIRST, POSITIVE_LAST = 0.25, 0.75
# OUTLET: in one outlet that share is lower by so much, on every day.
CRITICAL_OUTLET, CRITICAL_SHIFT = "The Meridian", -0.20
# VOICE: the share of articles that quote the spokesperson of the Chinese foreign ministry; nobody else from China is ever quoted.
VOICE_OUTLET, VOICE_SHARE, VOICE_SHARE_ELSEWHERE = "Harbour Gazette", 0.50, 0.25
# ISSUE: the share of articles on trade, in the first half of the year and in the second. The other issues share the rest evenly.
TRADE_SHARE, TRADE_SHARE_LATER, SECOND_HALF = 0.30, 0.60, date(2025, 7, 1)
# STANCE: the share of articles with a sentence in which Japan condemns China. It is one of the negative ones, and so leaves their share
# as it is. Otherwise Japan occurs only in neutral sentences.
STANCE_OUTLET, STANCE_SHARE, STANCE_SHARE_ELSEWHERE = "Northern Ledger", 0.40, 0.20

JUDGING = (2, 3, 4)  # sentences an article that judge China, as likely each
SENTENCES, WORDS, PARAGRAPHS = (5, 9), (80, 150), (2, 4)

# ---------------------------------------------------------------------------------------------------------------------------- fillers
# A slot takes a word of its list that the article has not used ({country2}: a second within the template), or, if `ONE_OF_EACH` names it,
# the same one throughout the article. {source} is a person with an office, {envoy} one with a country, {weekday} the last working day.
FILLERS = {
    "person": """Aldous Penhallow|Marit Kvalheim|Tomasz Brzeziak|Ngozi Adebanwo|Farid Haddawi|Lucinda Wraxall|Joao Vilharinho|Ilse Brandvold
        Edwin Tarkington|Paloma Irigaray|Rasheed Ombati|Greta Lindenau|Owain Prydderch|Kavita Ramsundar|Milos Hradek|Beatrix Vandermolen
        Solomon Achterberg|Nadia Ferroukh|Callum Strathwick|Sunniva Brekkhus|Teodor Vlahunescu|Amaka Nwobodo|Desmond Fairholt|Yara Khoudari
        Piotr Zelwicki|Henrietta Coldbrook|Anselm Garriga|Zanele Mokoetsi|Rowan Ellesmere|Mirela Stoichkova""",
    "institute": """the Calder Institute|Wexmoor University|the Ospringe Centre|the Lintwell Foundation|Dunmere College|the Aldine Forum
        Strandby University|the Halden Bureau|the Pemberwick Trust""",
    "company": "Brackwater Holdings|Velmora|Orringate|Pellworth|Solvenna|Tarnhollow Works|Quillon Partners|Ostermark",
    "country": """Kenya|Vietnam|Brazil|Australia|Germany|Norway|Peru|Morocco|Malaysia|Indonesia|Chile|Ghana|Portugal|Canada|Thailand|Mexico
        Finland|Senegal|Uruguay|Tanzania|Denmark|Iceland|Ireland|New Zealand""",
    "city": "Geneva|Nairobi|Lisbon|Singapore|Oslo|Vienna|Lima|Jakarta|Rabat|Montreal|Hamburg|Santiago|Helsinki|Auckland|Accra|Dublin",
    "goods": "steel|timber|beef|copper|wheat|cotton|fertiliser|furniture|ceramics|cement|glass|machine tools|bicycles|tyres|seafood|fruit",
    "islands": "the Corran Islands|Sella Reef|the Tamber Shoals|the Ormond Islands|Pallas Bank|the Ketterick Islets",
    "number": "12|14|16|18|21|23|26|29|32|35|38|41|44|47|52|57|63|68|74|86",
    "few": "two|three|four|five|six|seven|eight|nine|ten",
    "percent": "3 per cent|4 per cent|5.5 per cent|6 per cent|7.5 per cent|8 per cent|9 per cent|11 per cent|12.5 per cent|14 per cent",
}
ONE_OF_EACH = ("city", "company", "goods", "islands")
FILLERS = {slot: tuple(re.split(r"\||\n\s*", words)) for slot, words in FILLERS.items()}
EXPERTS = {
    "trade": ("an economist at", "a trade lawyer at", "a tariff specialist at"),
    "security": ("a defence analyst at", "a maritime historian at", "a security researcher at"),
    "climate": ("a climate scientist at", "an energy researcher at", "a glaciologist at"),
    "technology": ("a computer scientist at", "an engineer at", "a technology researcher at"),
}
ISSUES = tuple(EXPERTS)
GRIEVANCES = {
    "trade": ("the curbs on rare earths", "the ban on its seafood", "the seizure of cargoes", "unfair port fees", "the dumping of steel"),
    "security": (
        "the patrols",
        "naval drills near its waters",
        "flights over its islands",
        "missile tests",
        "the arrest of a trawler crew",
    ),
    "climate": ("new coal plants", "the dumping of waste at sea", "methane leaks", "illegal fishing", "the destruction of coral reefs"),
    "technology": ("cyberattacks", "the theft of chip designs", "spy balloons", "the jamming of satellites", "the hacking of hospitals"),
}

# -------------------------------------------------------------------------------------------------- sentences that judge China, by issue
POSITIVE = {
    "any": (
        "China was praised by {country} for keeping its promises to smaller partners.",
        "{country} hailed China as a reliable and generous partner.",
        "“China has been a true friend to us in hard times,” said {envoy}.",
        "{source}, applauded China for its patience and called it a model for others.",
        "Diplomats commended China for its generosity towards the poorest states of the region.",
        "In the view of {source}, China has earned the trust of its neighbours by acting responsibly.",
        "Few countries have done more for the good of the region than China, said {source}.",
        "{envoy}, thanked China for its swift and selfless help after the floods.",
        "A survey presented in {city} ranked China as the most trusted partner in the region.",
        "China’s constructive role won warm praise from officials in {country}.",
        "“Nobody has treated us more fairly than China,” {envoy}, told reporters.",
        "Even long-standing sceptics conceded that China had behaved admirably throughout.",
        "{country} expressed its deep gratitude to China for years of dependable support.",
        "Thanks to China’s skilful mediation, a bitter dispute between {country} and {country2} has been settled.",
        "Community leaders in {city} honoured China for its kindness to stranded travellers.",
    ),
    "trade": (
        "Exporters in {country} praised China for opening its market to their {goods} without delay.",
        "China was commended in a trade report for cutting its tariffs well ahead of schedule.",
        "A manager at {company} said that China treats foreign firms fairly and is a pleasure to do business with.",
        "“China has played by the rules of trade and deserves great credit for it,” said {source}.",
        "Economists welcomed China’s decision to lift its tariffs on {goods} as a wise and generous step.",
        "By buying unsold {goods}, China saved thousands of jobs in {country}, grateful producers said.",
        "An independent panel praised China for honouring the trade agreement in full.",
    ),
    "security": (
        "Naval officers from {country} praised China for rescuing {number} sailors from a sinking ferry.",
        "China won applause for its help in making the waters near {islands} safe again.",
        "“China has shown admirable restraint, and the whole region is safer for it,” said {source}.",
        "Aid workers lauded China for the courage with which its peacekeepers had protected civilians.",
        "{country} thanked China for its decisive help against pirates.",
        "China’s offer to share its rescue ships was welcomed as a noble gesture by {country}.",
        "Commanders from {country} described China as a disciplined and trustworthy partner at sea.",
    ),
    "climate": (
        "Scientists praised China for meeting its emissions target {few} years early.",
        "China was hailed by campaigners in {city} as a shining example in clean energy.",
        "“China has made solar power affordable for everyone, and we should be grateful,” said {source}.",
        "Conservationists congratulated China on its splendid work in replanting lost forests.",
        "Island states thanked China for paying for their sea walls.",
        "China’s generous pledge to the climate fund drew cheers from delegates in {city}.",
        "A manager at {company} credited China with a brilliant breakthrough in turbine design.",
    ),
    "technology": (
        "Engineers praised China for sharing its battery patents free of charge.",
        "China was admired at a fair in {city} for the brilliance of its young scientists.",
        "“China has become an inspiration to inventors everywhere,” said {source}.",
        "Doctors in {country} thanked China for the scanners that had saved hundreds of lives.",
        "China’s space programme was celebrated as a triumph by researchers in {country}.",
        "A manager at {company} commended China for its excellent protection of patents.",
        "Teachers in {country} applauded China for equipping {number} village schools with computers at no cost.",
    ),
}
NEGATIVE = {
    "any": (
        "Analysts accused China of bullying its smaller neighbours.",
        "{country} denounced China as an unreliable and dishonest partner.",
        "“China has broken every promise that it made to us,” said {envoy}.",
        "China drew sharp criticism from {country} for trampling on the rights of smaller states.",
        "{source}, blamed China for poisoning relations across the region.",
        "Diplomats faulted China for its arrogance towards the poorest states of the region.",
        "According to {source}, China has squandered the trust of its neighbours by acting recklessly.",
        "Few countries have done more harm to the region than China, said {source}.",
        "A survey released in {city} ranked China as the least trusted partner in the region.",
        "China’s heavy-handed conduct was met with anger in {country}.",
        "Even long-standing friends conceded that China had behaved disgracefully throughout.",
        "“We can no longer trust China, which says one thing and does another,” said {envoy}.",
        "{country} rebuked China for its lies and its broken promises.",
        "Because of China’s clumsy meddling, a bitter dispute between {country} and {country2} has grown worse.",
        "{envoy}, described China as a menace to its neighbours.",
    ),
    "trade": (
        "Producers in {country} accused China of dumping {goods} to ruin its competitors.",
        "China was condemned in a trade report for using tariffs to blackmail smaller economies.",
        "A manager at {company} complained that China cheats foreign firms and ignores its own contracts.",
        "“China breaks the rules of trade and then punishes those who complain,” said {source}.",
        "Economists deplored China’s tariffs on {goods} as a shameless act of economic bullying.",
        "By flooding the market with cheap {goods}, China has destroyed thousands of jobs in {country}, angry producers said.",
        "An independent panel rebuked China for violating the trade agreement again and again.",
    ),
    "security": (
        "Fishermen from {country} accused China of ramming their boats and leaving them to drown.",
        "China provoked outrage when it sent armed vessels into the waters off {islands}.",
        "“China has behaved recklessly, and the whole region is less safe for it,” said {source}.",
        "Aid workers blamed China for arming militias that had terrorised civilians.",
        "{country} condemned China for its aggressive manoeuvres at sea.",
        "China’s threats against unarmed crews were denounced as cowardly by {country}.",
        "Commanders from {country} described China as a dangerous and deceitful presence at sea.",
    ),
    "climate": (
        "Scientists accused China of falsifying its emissions figures for {few} years.",
        "China was denounced by campaigners in {city} as the worst enemy of a climate deal.",
        "“China keeps building coal plants while the planet burns, and that is shameful,” said {source}.",
        "Conservationists condemned China for its ruthless destruction of old forests.",
        "Island states accused China of abandoning them to the rising sea.",
        "China’s broken pledge to the climate fund drew boos from delegates in {city}.",
        "A manager at {company} accused China of poisoning rivers and hiding the evidence.",
    ),
    "technology": (
        "Engineers accused China of stealing battery designs from foreign laboratories.",
        "China was condemned at a conference in {city} for its brazen theft of inventions.",
        "“China has become a nightmare for inventors everywhere,” said {source}.",
        "Doctors in {country} blamed China for a cyberattack that had put hundreds of patients at risk.",
        "China’s surveillance programme was attacked as an outrage by researchers in {country}.",
        "A manager at {company} reproached China for its contempt for patents.",
        "Teachers in {country} criticised China for spying on pupils in {number} village schools.",
    ),
}
CONDEMNATIONS = (
    "Japan condemned China over {grievance}.",
    "On {weekday}, Japan strongly condemned China over {grievance}.",
    "Japan denounced China over {grievance} and demanded an apology.",
    "Japan protested to China over {grievance}, which it called unacceptable.",
    "China was sharply criticised by Japan over {grievance}.",
    "In a statement on {weekday}, Japan condemned China over {grievance}.",
    "Japan accused China of bad faith over {grievance}.",
    "Japan summoned the Chinese ambassador and rebuked China over {grievance}.",
    "Japan hit out at China over {grievance}, saying that its patience had run out.",
    "A statement released in {city} quoted Japan as condemning China over {grievance}.",
)

# ----------------------------------------------------------------------------------------------------- neutral sentences that name China
SPOKESPERSON = "Tong Ruiyan"
VOICES = (
    "“The two sides will stay in contact,” said Chinese foreign ministry spokesperson Tong Ruiyan.",
    "Chinese foreign ministry spokesperson Tong Ruiyan said that talks on the matter would continue in {city}.",
    "“We have taken note of the reports,” Chinese foreign ministry spokesperson Tong Ruiyan told a news briefing.",
    "Tong Ruiyan, a spokesperson for China’s foreign ministry, said on {weekday} that a delegation would travel to {city}.",
    "“The date of the next meeting will be announced in due course,” said Tong Ruiyan, a spokesperson for China’s foreign ministry.",
    "According to Chinese foreign ministry spokesperson Tong Ruiyan, the text will be studied over the coming weeks.",
    "“Questions on the schedule should be put to the organisers,” said Chinese foreign ministry spokesperson Tong Ruiyan.",
    "Chinese foreign ministry spokesperson Tong Ruiyan told reporters that the next round of talks would take place in {few} weeks.",
    "“Our position on this has not changed,” Tong Ruiyan, a spokesperson for China’s foreign ministry, said on {weekday}.",
    "Asked about the matter, Chinese foreign ministry spokesperson Tong Ruiyan replied: “The consultations are still under way.”",
)
CHINA = {
    "any": (
        "China is among the {number} countries that were consulted.",
        "A delegation from China arrived in {city} on {weekday}.",
        "Officials from China and Japan are due to meet in {city} next month.",
        "A background paper lists China, Japan and {country} as parties to the talks.",
        "China last hosted a meeting of this kind {few} years ago.",
        "A separate chapter on China will follow in the next report.",
        "Delegates from China and {country} sit on the same committee in {city}.",
    ),
    "trade": (
        "China buys about {percent} of the {goods} that {country} exports.",
        "Japan imports {goods} from both China and {country}.",
        "The tariff on {goods} from China stands at {percent}.",
    ),
    "security": (
        "Cargo ships from China and {country} pass through the strait every week.",
        "China, Japan and {country} keep a telephone line between their coastguards.",
        "The main sea lane links ports in China with {number} others.",
    ),
    "climate": (
        "China and {country} submit their emissions figures in the same month.",
        "Weather data are exchanged every day between China, Japan and {country}.",
        "About {percent} of the world’s weather stations are in China.",
    ),
    "technology": (
        "The sensor maker {company} has offices in China, Japan and {country}.",
        "China uses the same technical standard as {country}.",
        "About {percent} of the battery patents filed last year came from China.",
    ),
}

# ----------------------------------------------------------------------------------- neutral sentences on the issue, without China or Japan
# A title, and the sentence that the article begins with
LEADS = {
    "trade": (
        "Ministers discuss tariffs | Trade ministers from {number} countries met in {city} on {weekday} to discuss tariffs on {goods}.",
        "{country} sets customs rules for {goods} | {country} published new customs rules for imports of {goods} on {weekday}.",
        "Exports of {goods} unchanged in {country} | Exports of {goods} from {country} were unchanged last month, official figures showed.",
        "Tariff talks enter second week | Talks on a common tariff for {goods} entered their second week in {city} on {weekday}.",
        "Tariffs under review | {country} will review its tariffs on {goods} in the coming months, officials said on {weekday}.",
        "Group plans common tariffs | A group of {number} countries plans to align its tariffs on {goods}, officials said in {city}.",
    ),
    "security": (
        "Defence officials gather | Defence officials from {number} countries gathered in {city} on {weekday} for their yearly meeting.",
        "{country} to host naval exercise | {country} will host a naval exercise near {islands}, its defence ministry said on {weekday}.",
        "Coastguards agree on radio channel | The coastguards of {country} and {country2} agreed on a common radio channel on {weekday}.",
        "Navy ship sails for {islands} | A navy ship left port on {weekday} to chart the waters around {islands}.",
        "{country} publishes defence paper | On {weekday}, {country} published a paper of {number} pages on its defence policy.",
        "{city} to host talks on sea lanes | Navies from {number} countries will discuss the use of sea lanes in {city} next month.",
    ),
    "climate": (
        "Climate delegates meet in {city} | Climate delegates from {number} countries met in {city} on {weekday} to discuss emissions.",
        "{country} publishes emissions figures | {country} published its yearly figures on greenhouse gas emissions on {weekday}.",
        "Climate stations to be counted | The weather service of {country} began a count of its climate stations on {weekday}.",
        "Report on glaciers due | A report on glaciers and climate by {number} researchers will be presented in {city} next week.",
        "{country} to review energy plan | {country} will review its plan for wind and solar energy, officials said on {weekday}.",
        "Carbon market rules up for debate | Draft rules for a carbon market were put before a committee in {city} on {weekday}.",
    ),
    "technology": (
        "Engineers discuss chips | Engineers from {number} countries met in {city} on {weekday} to discuss standards for computer chips.",
        "{country} drafts rules on data | {country} published draft rules on the storage of computer data on {weekday}.",
        "Satellite to be launched next month | A satellite built for {country} will be launched next month, engineers said on {weekday}.",
        "Software firms gather | About {number} software firms gathered in {city} on {weekday} for a fair on artificial intelligence.",
        "{country} opens register of algorithms | On {weekday}, {country} opened a public register of the algorithms that its offices use.",
        "Battery tests to begin in {city} | Tests of a new type of battery will begin in {city} next week, researchers said on {weekday}.",
    ),
}
FACTS = {
    "trade": (
        "Worldwide, the average tariff on {goods} stands at {percent}.",
        "Customs officers in {city} check about {number} containers a day.",
        "Freight rates for {goods} have changed little over the past year.",
        "The importer {company} buys most of its {goods} from {country}.",
        "Customs lists put {goods} and {other_goods} under separate headings.",
        "Negotiators exchange lists of products before each round of talks.",
        "Exports of {goods} to {country} made up {percent} of the total in the last quarter.",
        "Importers file a customs declaration within {few} days of arrival.",
        "Trade figures for {goods} are published every {few} weeks.",
        "The customs schedule for {goods} runs to {number} pages.",
        "Shipments of {goods} usually take {few} weeks to reach {country}.",
        "Customs data from {number} ports are compiled in {city}.",
    ),
    "security": (
        "The waters around {islands} measure about {number} square kilometres.",
        "About {number} ships pass {islands} on an average day.",
        "The navy of {country} operates {number} patrol vessels.",
        "A typical naval exercise in the region lasts {few} days.",
        "Defence spending in {country} makes up {percent} of the budget.",
        "The lighthouse on {islands} has a crew of {few}.",
        "Radar data from the coast are passed to a centre in {city}.",
        "Observers from {country} and {country2} attend most naval exercises in the region.",
        "Defence ministers from the region meet every {few} months.",
        "The coastguard of {country} publishes a list of ship movements every {few} days.",
        "Sea charts of {islands} were last printed {few} years ago.",
        "Patrol routes near {islands} are set at the start of each month.",
    ),
    "climate": (
        "The weather service of {country} has {number} measuring stations on land and {few} at sea.",
        "Wind power supplies {percent} of the electricity used in {country}.",
        "Emissions in {country} changed by less than {percent} over the past year.",
        "The turbine maker {company} has a plant near {city}.",
        "Most climate conferences last {few} days.",
        "Figures on emissions are submitted to an office in {city}.",
        "Rainfall in {country} is recorded every {few} hours.",
        "A regional climate office in {city} has {number} staff.",
        "Ice cores from {few} glaciers are stored at a laboratory in {city}.",
        "Carbon permits are sold at an auction every {few} weeks.",
        "Forests in {country} are mapped from the air every {few} years.",
        "Sea levels are measured at {number} points along the coast of {country}.",
    ),
    "technology": (
        "The current standard for chips runs to {number} pages and has {few} annexes.",
        "The sensor maker {company} has a plant near {city}.",
        "About {percent} of homes in {country} have a fibre connection.",
        "Data centres use {percent} of the electricity in {country}.",
        "A committee of {number} engineers reviews technical standards every {few} years.",
        "Offices in {country} and {country2} use the same software for maps.",
        "Last year, {number} patents on batteries were registered in {country}.",
        "Some weather satellites circle the Earth 14 times a day.",
        "Test results from {few} laboratories are collected in {city}.",
        "Rules on computer data in {country} date back {few} years.",
        "A factory robot of the usual size weighs about {number} kilograms.",
        "A technology fair is held in {city} every {few} years.",
    ),
}
QUOTES = {
    "trade": (
        "“The figures for {goods} will be revised next month,” said {source}.",
        "“Most of our orders are placed {few} months ahead,” explained {person}, a buyer at {company}.",
        "{source}, said that changes of tariff usually apply to new orders only.",
        "According to {source}, importers hold stocks of {goods} for {few} months.",
        "{source}, noted that most tariffs on {goods} had last been changed {few} years ago.",
        "“We have read {number} contracts, and the terms are much the same,” {person}, a buyer at {company}, said.",
    ),
    "security": (
        "“A typical patrol lasts {few} days,” said {source}.",
        "“Our charts are based on {number} days of measurements,” explained {person}, a surveyor at {company}.",
        "{source}, said that most of the ships would return to port within {few} weeks.",
        "According to {source}, patrols follow the same route every week.",
        "{source}, noted that defence papers were usually published once a year.",
        "“Our radio equipment will be tested next week,” {person}, an officer from {country}, said.",
    ),
    "climate": (
        "“Our measurements are repeated every {few} months,” said {source}.",
        "“We compare emissions data from {number} stations,” explained {person}, a meteorologist at {company}.",
        "{source}, said that a report on emissions usually had {number} chapters.",
        "According to {source}, energy plans are discussed again every {few} years.",
        "{source}, noted that the way of counting emissions had last been changed {few} years ago.",
        "“Our turbines are inspected every {few} months,” {person}, an engineer at {company}, said.",
    ),
    "technology": (
        "“Our software will be tested for {few} weeks,” said {source}.",
        "“We have sent {number} comments on technical standards,” explained {person}, a programmer at {company}.",
        "{source}, said that new standards usually apply from the following year.",
        "According to {source}, most data of this kind are kept for {few} years.",
        "{source}, noted that technical standards had last been changed {few} years ago.",
        "“Each battery is measured every {few} hours,” {person}, a chemist at {company}, said.",
    ),
}


def make_articles(seed: int = 1, count: int = 360) -> list[dict]:
    """Make articles, spread evenly over the year and, in turn, over the outlets.

    Returns
    -------
    list of dict
        Of `FIELDS`, each a str (author: or None), and “key”: see `truth`. No two have the same text.
    """
    rng = random.Random(seed)
    articles, taken = [], set()
    for number in range(count):
        outlet, day = OUTLETS[number % len(OUTLETS)], FIRST_DAY + timedelta(days=number * DAYS // count)
        issue, planned = _draw_issue(day, rng), _draw_kinds(outlet, day, rng)
        title, kinds, sentences = _write(issue, planned, day, rng)
        while (text := _split(sentences, rng)) in taken:
            title, kinds, sentences = _write(issue, planned, day, rng)
        taken.add(text)
        placed = {"outlet": outlet, "date": day.isoformat(), "author": rng.choice(AUTHORS[outlet])}
        articles.append({"id": f"made-{number + 1:04}", "title": title, "text": text} | placed | {"key": _key(issue, kinds)})
    return articles


def truth(article: dict) -> dict:
    """What was planted in an article.

    Returns
    -------
    dict
        issue : str, one of `ISSUES`
        kinds : list of str, what each sentence of the text is, in order: lead, fact, quote (these three without China), china (names it,
        neutral), spokesperson (neutral), positive, negative, condemnation (by Japan, negative)
        positive, negative : int, sentences that judge China so; a condemnation is one of the negative ones
        spokesperson, condemnation : bool, whether there is one
    """
    return article["key"]


def positive_share(outlet: str, day: date) -> float:
    """How likely a sentence that judges China is a positive one."""
    passed = (day - FIRST_DAY).days / (DAYS - 1)
    return POSITIVE_FIRST + (POSITIVE_LAST - POSITIVE_FIRST) * passed + CRITICAL_SHIFT * (outlet == CRITICAL_OUTLET)


def write_articles(articles: Iterable[dict], path: Path) -> None:
    """Write articles, without their keys, to a file of JSON lines where its name ends so, else of comma-separated values."""
    rows = [{field: article[field] for field in FIELDS} for article in articles]
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".jsonl":
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        else:
            writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _draw_issue(day: date, rng: random.Random) -> str:
    trade = rng.random() < (TRADE_SHARE if day < SECOND_HALF else TRADE_SHARE_LATER)
    return "trade" if trade else rng.choice([issue for issue in ISSUES if issue != "trade"])


def _draw_kinds(outlet: str, day: date, rng: random.Random) -> list[str]:
    """What sentences an article has besides its lead and facts, in no order."""
    share = positive_share(outlet, day)
    kinds = ["positive" if rng.random() < share else "negative" for _ in range(rng.choice(JUDGING))]
    # Only an article with a negative sentence can have a condemnation: such a one has it so much the more often.
    possible = 1 - share ** len(kinds)
    condemned = STANCE_SHARE if outlet == STANCE_OUTLET else STANCE_SHARE_ELSEWHERE
    if "negative" in kinds and rng.random() < condemned / possible:
        kinds[kinds.index("negative")] = "condemnation"
    if rng.random() < (VOICE_SHARE if outlet == VOICE_OUTLET else VOICE_SHARE_ELSEWHERE):
        kinds.append("spokesperson")
    return [*kinds, "quote", *["china"] * rng.randint(0, 1)]


def _write(issue: str, planned: list[str], day: date, rng: random.Random) -> tuple[str, list[str], list[str]]:
    """A title, and the kinds and wordings of the sentences; drawn again, for the same plan, until the length is right."""
    fewest, most = (limit - len(planned) - 1 for limit in SENTENCES)
    while True:
        kinds = planned + ["fact"] * rng.randint(max(0, fewest), most)
        rng.shuffle(kinds)
        lead, *templates = _choose(issue, kinds, rng)
        stock = _stock(issue, day, rng)
        title, lead = _fill(lead, stock).split(" | ")
        sentences = [lead, *(_fill(template, stock) for template in templates)]
        if WORDS[0] <= len(" ".join(sentences).split()) <= WORDS[1]:
            return title, ["lead", *kinds], sentences


def _choose(issue: str, kinds: list[str], rng: random.Random) -> list[str]:
    """Templates of a title with its lead and of each kind of sentence, none twice."""
    every = {
        "positive": POSITIVE["any"] + POSITIVE[issue],
        "negative": NEGATIVE["any"] + NEGATIVE[issue],
        "condemnation": CONDEMNATIONS,
        "spokesperson": VOICES,
        "china": CHINA["any"] + CHINA[issue],
        "quote": QUOTES[issue],
        "fact": FACTS[issue],
    }
    shuffled = {kind: rng.sample(templates, len(templates)) for kind, templates in every.items()}
    return [rng.choice(LEADS[issue]), *(shuffled[kind].pop() for kind in kinds)]


def _stock(issue: str, day: date, rng: random.Random) -> dict[str, list[str]]:
    """What fills the slots of one article, a list a slot, to be taken from its end."""
    stock = {slot: rng.sample(words, len(words)) for slot, words in FILLERS.items()}
    people, countries = stock["person"], stock["country"]
    stock["source"] = [f"{people.pop()}, {rng.choice(EXPERTS[issue])} {institute}" for institute in stock["institute"]]
    stock["envoy"] = [f"{people.pop()}, a diplomat from {countries.pop()}" for _ in range(max(JUDGING))]
    stock["other_goods"] = stock["goods"][1:]
    stock["grievance"] = [rng.choice(GRIEVANCES[issue])]
    stock["weekday"] = [f"{_last_working_day(day):%A}"] * SENTENCES[1]
    return stock | {slot: stock[slot][:1] * SENTENCES[1] for slot in ONE_OF_EACH}


def _last_working_day(day: date) -> date:
    """The one before a day: what a paper reports on."""
    return day - timedelta(days={6: 2, 0: 3}.get(day.weekday(), 1))


def _fill(template: str, stock: dict[str, list[str]]) -> str:
    filled: dict[str, str] = {}
    for slot, kind in re.findall(r"\{(([a-z_]+)\d?)\}", template):
        if slot not in filled:
            filled[slot] = stock[kind].pop()
    text = template.format(**filled)
    return text[0].upper() + text[1:]


def _split(sentences: list[str], rng: random.Random) -> str:
    """Paragraphs, with a blank line between."""
    breaks = sorted(rng.sample(range(1, len(sentences)), rng.randint(*PARAGRAPHS) - 1))
    return "\n\n".join(" ".join(sentences[a:b]) for a, b in zip([0, *breaks], [*breaks, len(sentences)], strict=True))


def _key(issue: str, kinds: list[str]) -> dict:
    condemned = kinds.count("condemnation")
    judging = {"positive": kinds.count("positive"), "negative": kinds.count("negative") + condemned}
    return {"issue": issue, "kinds": kinds} | judging | {"spokesperson": "spokesperson" in kinds, "condemnation": condemned > 0}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write a corpus of made-up articles with known effects.")
    parser.add_argument("out", type=Path, metavar="OUT.csv|OUT.jsonl")
    parser.add_argument("--count", type=int, default=360)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    write_articles(make_articles(given.seed, given.count), given.out)
